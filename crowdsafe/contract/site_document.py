"""A whole site folder as one JSON document, which goes over the wire and into revisions.

It holds what the folder's JSON files hold. A calibration's picture is not in it: it is named by its
size and hash, and a worker uses the file of its own site folder that has both.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from crowdsafe.contract.json_file import read_json
from crowdsafe.contract.measures_file import MEASURES_FILE
from crowdsafe.contract.site import PICTURE_SUFFIXES, Site, as_site, calibration_picture
from crowdsafe.contract.strict import Identifier, Strict, first_problem
from crowdsafe.errors import BadInput

MAX_DOCUMENT_BYTES = 8_000_000
_MAX_CAMERAS = 1000
_MAX_LEVELS = 50
_EXACT_AS_FLOAT = 2**53

ContentHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal digits."""
FileContent = dict[str, Any]


class PictureMark(Strict):
    """By what the picture of a calibration is known."""

    suffix: Literal[".png", ".jpg", ".jpeg", ".webp"]
    size_bytes: Annotated[int, Field(ge=0)]
    sha256: ContentHash

    @classmethod
    def of(cls, picture: Path) -> "PictureMark":
        """Return the mark of a file.

        Raises:
            BadInput: it cannot be read.
        """
        try:
            with picture.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return cls.model_validate(
                {
                    "suffix": picture.suffix,
                    "size_bytes": picture.stat().st_size,
                    "sha256": digest,
                }
            )
        except OSError as error:
            raise BadInput(f"{picture}: cannot be read ({error.strerror})") from None


class SiteDocument(Strict):
    """The content of a site folder."""

    version: Literal[1] = 1
    site: Annotated[FileContent, Field(description="site.geojson")]
    cameras: Annotated[
        dict[Identifier, FileContent],
        Field(max_length=_MAX_CAMERAS, description="cameras/ID.json, by id"),
    ]
    pictures: Annotated[
        dict[Identifier, PictureMark],
        Field(description="what cameras showed when they were calibrated, by id"),
    ]
    measures: Annotated[
        FileContent | None, Field(description="measures.json; null: there is none")
    ] = None

    @model_validator(mode="after")
    def _pictures_of_cameras(self) -> "SiteDocument":
        for camera_id in self.pictures:
            if camera_id not in self.cameras:
                raise ValueError(f"pictures: '{camera_id}' is not one of the cameras")
        return self

    @model_validator(mode="after")
    def _can_be_kept(self) -> "SiteDocument":
        for part in (self.site, self.cameras, self.measures):
            _refuse_deep(part)
        try:
            size = len(self.text().encode())
        except (TypeError, ValueError) as error:
            raise ValueError(f"is no JSON that can be kept ({error})") from None
        if size > MAX_DOCUMENT_BYTES:
            raise ValueError(
                f"it has {size} bytes, expected at most {MAX_DOCUMENT_BYTES // 1_000_000} MB"
            )
        return self

    def content(self) -> FileContent:
        """Return it as JSON values, keys in the order of the files."""
        return {
            "version": self.version,
            "site": self.site,
            "cameras": self.cameras,
            "pictures": {each: mark.model_dump() for each, mark in self.pictures.items()},
            "measures": self.measures,
        }

    def text(self) -> str:
        """Return it as JSON text, keys in the order of the files."""
        return _dumped(self.content())

    def canonical_bytes(self) -> bytes:
        """Return the same bytes for every way to write the same content.

        Keys are sorted, nothing is spaced, and a whole number has no fraction: 1.0 is 1.
        """
        content = _plain_numbers(self.content())
        text = json.dumps(
            content, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=True
        )
        return text.encode()

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical bytes."""
        return hashlib.sha256(self.canonical_bytes()).hexdigest()

    def to_site(self, *, pictures: Mapping[str, Path], named: str = "revision") -> Site:
        """Return it as a site, by the checks that a folder goes through.

        Args:
            pictures: of cameras, as :func:`pictures_for` finds them.
            named: how it is called in what is wrong.

        Raises:
            BadInput: one sentence that names the part, the field and what is wrong.
        """
        return as_site(
            Path(named),
            site=self.site,
            cameras=self.cameras,
            pictures=pictures,
            measures=self.measures,
        )


def as_document(content: Any, *, named: str = "revision") -> SiteDocument:
    """Return JSON values as a document.

    Raises:
        BadInput: one sentence that names what is wrong.
    """
    try:
        # Before all else: what is too deep cannot even be shown in a sentence.
        _refuse_deep(content)
    except ValueError as error:
        raise BadInput(f"{named}: {error}") from None
    try:
        return SiteDocument.model_validate(content)
    except ValidationError as error:
        raise BadInput(f"{named}: {first_problem(error)}") from None


def document_from_text(text: str, *, named: str = "revision") -> SiteDocument:
    """Return JSON text as a document.

    Raises:
        BadInput: one sentence that names what is wrong.
    """
    try:
        return SiteDocument.model_validate_json(text)
    except ValidationError as error:
        raise BadInput(f"{named}: {first_problem(error)}") from None


def read_document(folder: Path) -> SiteDocument:
    """Read a site folder; whether it makes a site is not checked.

    Raises:
        BadInput: a file cannot be read, is no JSON, or the folder is too large.
    """
    files = sorted((folder / "cameras").glob("*.json"))
    pictures = {file.stem: calibration_picture(file) for file in files}
    measures = folder / MEASURES_FILE
    content = {
        "site": read_json(folder / "site.geojson"),
        "cameras": {file.stem: read_json(file) for file in files},
        "pictures": {
            camera_id: PictureMark.of(picture)
            for camera_id, picture in pictures.items()
            if picture is not None
        },
        "measures": read_json(measures) if measures.exists() else None,
    }
    return as_document(content, named=str(folder))


def write_folder(document: SiteDocument, folder: Path) -> None:
    """Write a document as a site folder, without its pictures.

    Reading the folder gives the same document but for its pictures, and writing that again the same
    bytes.

    Raises:
        BadInput: the folder is there and not empty, or cannot be written.
    """
    files: dict[str, FileContent] = {"site.geojson": document.site}
    files |= {f"cameras/{each}.json": content for each, content in document.cameras.items()}
    if document.measures is not None:
        files[MEASURES_FILE] = document.measures
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput(f"{folder}: is there already, expected a new or empty folder")
        (folder / "cameras").mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            text = json.dumps(content, allow_nan=False, ensure_ascii=False, indent=1)
            (folder / name).write_text(text + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror})") from None


def pictures_for(document: SiteDocument, folder: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Find the calibration pictures of a document in a site folder that may be of another revision.

    Any picture in ``cameras/`` will do that has the size and the hash, whatever its name: one of
    another calibration would make a camera look moved.

    Returns:
        Pictures by camera id, and the cameras whose picture is not there.
    """
    beside = folder / "cameras"
    found = {
        camera_id: picture
        for camera_id, mark in document.pictures.items()
        if (picture := _with_mark(mark, _candidates(beside, camera_id, mark))) is not None
    }
    return found, tuple(each for each in document.pictures if each not in found)


def _candidates(beside: Path, camera_id: str, mark: PictureMark) -> Iterable[Path]:
    named = beside / f"{camera_id}{mark.suffix}"
    yield named
    if beside.is_dir():
        yield from sorted(
            each for each in beside.iterdir() if each.suffix in PICTURE_SUFFIXES and each != named
        )


def _with_mark(mark: PictureMark, candidates: Iterable[Path]) -> Path | None:
    for picture in candidates:
        if not picture.is_file() or picture.stat().st_size != mark.size_bytes:
            continue
        if PictureMark.of(picture).sha256 == mark.sha256:
            return picture
    return None


def _refuse_deep(value: Any, levels: int = _MAX_LEVELS) -> None:
    if isinstance(value, (dict, list)):
        if levels == 0:
            raise ValueError(f"it is nested more than {_MAX_LEVELS} deep")
        for each in value.values() if isinstance(value, dict) else value:
            _refuse_deep(each, levels - 1)


def _dumped(content: Any) -> str:
    return json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_AS_FLOAT:
        return int(value)
    return value
