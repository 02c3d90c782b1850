"""What membership hears: nothing yet. It will hear the council's decisions and what is still open."""

from shared.listener import Hear

hear = Hear("membership")
