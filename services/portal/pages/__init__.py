"""The pages by what one does there: each module has its routes in ROUTES."""

from services.portal.pages import (
    account,
    agreements,
    booking,
    bookings,
    calendars,
    events,
    exports,
    help,
    imports,
    members,
    obligations,
    people,
    recovery,
    sign_in,
    today,
    workshops,
)

ROUTES = [
    *today.ROUTES,
    *sign_in.ROUTES,
    *account.ROUTES,
    *recovery.ROUTES,
    *workshops.ROUTES,
    *booking.ROUTES,
    *bookings.ROUTES,
    *agreements.ROUTES,
    *obligations.ROUTES,
    *people.ROUTES,
    *members.ROUTES,
    *calendars.ROUTES,
    *exports.ROUTES,
    *help.ROUTES,
    *imports.ROUTES,
    *events.ROUTES,
]
