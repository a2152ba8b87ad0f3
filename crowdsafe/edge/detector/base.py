"""What every detector offers."""

from typing import Protocol

from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.edge.detections import Detections, Kind, Picture


class Detector(Protocol):
    """Finds people in one picture."""

    @property
    def name(self) -> str:
        """Short name, shown to people and stored with what it counted."""

    @property
    def kind(self) -> Kind:
        """Whether it finds heads or bodies."""

    @property
    def count_error(self) -> CountError:
        """How wrong its counts are."""

    def detect(self, picture: Picture, view: HeadView | None = None, /) -> Detections:
        """Return what it finds in a picture (height, width, 3) in blue-green-red.

        Args:
            picture: of any size.
            view: of its camera, by which a detector may choose where to look and how large; None
                for a camera of which nothing is known.
        """
