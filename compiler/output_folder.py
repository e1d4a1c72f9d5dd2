"""Writes an output into a folder: all of it or nothing, and nothing that is not its own.

New files are complete before the first old one is replaced. A link inside the folder is never
followed, and only what `ofc.lock` lists is ever removed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from .canonical import digest
from .lock import LOCK, BrokenLock, Lock, has_only_pins, read_lock, write_lock


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a folder.

    Attributes:
        files: all that belong to the output, the lock included.
        changed: those of them that are new or have another text now.
        removed: of the output before, not needed any more.
        kept: not needed any more either, and edited since: left for the writer to decide.
        begun: written for their owner to go on with, and no part of the output.
    """

    files: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    begun: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """The folder of `ofc compile -o`."""

    path: str

    def write(
        self,
        files: Mapping[str, str],
        lock: Lock,
        *,
        yours: Mapping[str, str] = MappingProxyType({}),
        locked: bool = False,
        force: bool = False,
    ) -> Written:
        """Makes the folder hold exactly these files of ours, and the lock.

        Args:
            files: text by relative path with forward slashes.
            lock: of these files.
            yours: files that are only written where nothing stands; they go on as their owner's.
            locked: refuse where the folder's lock says anything else, or a file there is another.
            force: overwrite files that no lock lists.

        Raises:
            Problem: the lock differs, a file is not ours, or the disk refuses.
        """
        before = self._lock()
        if locked:
            self._hold(before, lock)
        whole = {**files, LOCK: write_lock(lock, self._text(LOCK))}
        owned = dict(before.files) if before else {}
        try:
            texts = {path: self._text(path) for path in whole}
            if locked:
                self._refuse_edited(files, texts)
            self._refuse_strangers(whole, texts, owned, force)
            changed = tuple(p for p in whole if texts[p] != whole[p])
            self._replace({p: whole[p] for p in changed if p != LOCK})
            begun = {p: t for p, t in yours.items() if not os.path.lexists(self._inside(p))}
            self._replace(begun)
            removed, kept = self._clear({p: d for p, d in owned.items() if p not in whole})
            # Last, so that a run that breaks off is still known by what its lock lists.
            self._replace({p: whole[p] for p in changed if p == LOCK})
        except OSError as fault:
            raise Problem(
                "OFC701",
                f"`{fault.filename2 or fault.filename or self.path}` cannot be written: "
                f"{(fault.strerror or str(fault)).lower()}",
                "free space or name another folder with `-o`; what stood there is as it was",
            ) from None
        return Written(tuple(sorted(whole)), changed, removed, kept, tuple(sorted(begun)))

    def _lock(self) -> Lock | None:
        text = self._text(LOCK)
        if text is None or has_only_pins(text):
            return None
        try:
            return read_lock(text)
        except BrokenLock as fault:
            raise Problem(
                "OFC603",
                f"`{Path(self.path, LOCK)}` cannot be read: {fault}",
                f"remove `{self.path}` and compile again, or take the file from version control",
            ) from None

    def _hold(self, before: Lock | None, lock: Lock) -> None:
        if before is None:
            raise Problem(
                "OFC601",
                f"there is no `{LOCK}` in `{self.path}` to hold on to",
                "compile once without `--locked`, and commit what it writes",
            )
        if differences := before.differences(lock):
            more = f"\nand {len(differences) - 10} more" if len(differences) > 10 else ""
            raise Problem(
                "OFC601",
                f"the output differs from `{Path(self.path, LOCK)}`",
                "compile without `--locked`, look at the change and commit it:\n"
                + "\n".join(differences[:10])
                + more,
            )

    def _refuse_edited(self, files: Mapping[str, str], texts: Mapping[str, str | None]) -> None:
        """What is missing is made, as on another machine; what is there must be what is listed."""
        edited = [p for p, text in files.items() if texts[p] not in (None, text)]
        if edited:
            raise Problem(
                "OFC601",
                f"`{Path(self.path, edited[0])}` is not what `{LOCK}` lists"
                + (f", nor are {len(edited) - 1} more" if len(edited) > 1 else ""),
                f"take it from version control, or compile without `--locked`; `ofc verify "
                f"{self.path}` names them all",
            )

    def _text(self, path: str) -> str | None:
        """The text of a file, None where there is none; a link is none, and is replaced."""
        place = self._inside(path)
        try:
            # Never through a link, and never blocked by a pipe that stands in the file's place.
            opened = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            return None
        with open(opened, "rb") as file:
            return file.read().decode("utf-8", errors="surrogateescape")

    def _inside(self, path: str) -> Path:
        """The place of a relative path, once no folder on the way to it is a link.

        Raises:
            Problem: the path leaves the folder.
        """
        parts = PurePosixPath(path).parts
        outside = not parts or PurePosixPath(path).is_absolute() or ".." in parts
        way = [Path(self.path, *parts[:end]) for end in range(1, len(parts))]
        if outside or any(p.is_symlink() for p in way):
            raise Problem(
                "OFC602",
                f"`{path}` leads out of `{self.path}`",
                "remove the link, or name another folder with `-o`",
            )
        return Path(self.path, *parts)

    def _refuse_strangers(
        self,
        whole: Mapping[str, str],
        texts: Mapping[str, str | None],
        owned: Mapping[str, str],
        force: bool,
    ) -> None:
        strangers = [
            path
            for path, text in texts.items()
            if os.path.lexists(self._inside(path))
            and path not in owned
            and path != LOCK
            and text != whole[path]
        ]
        if strangers and not force:
            listed = ", ".join(f"`{p}`" for p in strangers[:5])
            raise Problem(
                "OFC602",
                f"`{self.path}` holds what ofc did not write: {listed}",
                "name another folder with `-o`, or overwrite with `--force`",
            )

    def _replace(self, files: Mapping[str, str]) -> None:
        if not files:
            return
        os.makedirs(self.path, exist_ok=True)
        # By hand, since importing `tempfile` and `shutil` takes a twentieth of a whole `compile`.
        staging = Path(self.path, f".ofc-{os.urandom(8).hex()}")
        staging.mkdir(mode=0o700)
        try:
            for number, text in enumerate(files.values()):
                Path(staging, str(number)).write_text(text, encoding="utf-8", newline="\n")
            for number, path in enumerate(files):
                place = self._inside(path)
                place.parent.mkdir(parents=True, exist_ok=True)
                os.replace(Path(staging, str(number)), place)
        finally:
            with suppress(OSError):
                for left in staging.iterdir():
                    left.unlink()
                staging.rmdir()

    def _clear(self, stale: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        removed: list[str] = []
        kept: list[str] = []
        for path, known in sorted(stale.items()):
            text = self._text(path)
            if text is None:
                continue
            if digest(text) != known:
                kept.append(path)
                continue
            place = self._inside(path)
            place.unlink()
            removed.append(path)
            for folder in list(place.parents)[: len(PurePosixPath(path).parts) - 1]:
                if any(folder.iterdir()):
                    break
                folder.rmdir()
        return tuple(removed), tuple(kept)
