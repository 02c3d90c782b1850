"""The council's pages by what one does there; each module has its routes in ROUTES."""

from services.portal.pages.council import (
    agenda,
    ballots,
    composition,
    decisions,
    exports,
    materials,
    meetings,
    minutes,
    overview,
    proposals,
)

ROUTES = [
    *overview.ROUTES,
    *composition.ROUTES,
    *proposals.ROUTES,
    *agenda.ROUTES,
    *materials.ROUTES,
    *minutes.ROUTES,
    *meetings.ROUTES,
    *ballots.ROUTES,
    *exports.ROUTES,
    *decisions.ROUTES,
]
