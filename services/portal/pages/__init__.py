"""The pages by what one does there: each module has its routes in ROUTES."""

from services.portal.pages import (
    account,
    booking,
    bookings,
    events,
    sign_in,
    today,
    workshops,
)

ROUTES = [
    *today.ROUTES,
    *sign_in.ROUTES,
    *account.ROUTES,
    *workshops.ROUTES,
    *booking.ROUTES,
    *bookings.ROUTES,
    *events.ROUTES,
]
