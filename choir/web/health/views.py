"""The answer balancers want: this process serves and reaches its database. It tells nobody anything else."""

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from choir.web.access import public


@public
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while pages can be served, 503 while the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
