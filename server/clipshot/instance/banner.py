"""What a person who starts the server sees."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Banner:
    """Addresses and facts of a ready server; '' leaves a line out."""

    version: str
    rest: str
    login: str
    grpc: str
    key_file: str
    capture: str
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The text, line by line."""
        rows = [
            ("page", f"{self.login}   (logs one browser in, once, within 60 s)" if self.login else ""),
            ("REST", f"{self.rest}/api/v1" if self.rest else ""),
            ("docs", f"{self.rest}/docs" if self.rest else ""),
            ("gRPC", self.grpc),
            ("key", f"{self.key_file}   (send it as X-API-Key)"),
            ("capture", self.capture),
            *(("note", note) for note in self.notes),
        ]
        return [f"ClipShot {self.version} is ready", *(f"  {name:<8} {text}" for name, text in rows if text)]
