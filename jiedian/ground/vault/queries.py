"""Give a kept file back."""

from django.http import FileResponse

from .models import Upload
from .services import path_of


def response(upload: Upload) -> FileResponse:
    """The bytes as kept; the browser may show but not run them."""
    answer = FileResponse(
        path_of(upload.sha256).open("rb"), content_type=upload.media_type, filename=upload.name
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
