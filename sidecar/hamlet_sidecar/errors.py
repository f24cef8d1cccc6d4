class SidecarError(Exception):
    """An error with a code that the api and people can act on; anything else that is raised is a bug."""

    def __init__(self, code: str, message: str, status: int = 422):
        super().__init__(message)
        self.code = code
        self.status = status


class JobCancelled(SidecarError):
    """Raised inside a job by `raise_if_cancelled`."""

    def __init__(self) -> None:
        super().__init__('cancelled', 'the job was cancelled', 409)
