"""The notice as a program of CloudFront's: it answers at the edge by itself, and asks no region for anything."""

import html
import json
from typing import Final

from topology_document.infrastructure.notices import NoticeSection

MOST_BYTES: Final = 10_240
"""What CloudFront takes of a function's code (its developer guide, "Quotas on CloudFront Functions")."""

_PAGE: Final = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{seconds}"><title>{title}</title>
<style>body{{font:1.1em/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}}</style>
<h1>{title}</h1><p>{text}</p></html>
"""

_PROGRAM: Final = """var PAGE = {page};
var PLAIN = {plain};
function handler(event) {{
  var accept = event.request.headers.accept;
  var program = Boolean(accept) && accept.value.indexOf('application/json') >= 0;
  return {{
    statusCode: 503,
    statusDescription: 'Service Unavailable',
    headers: {{
      'content-type': {{ value: program ? 'application/json' : 'text/html; charset=utf-8' }},
      'content-language': {{ value: {language} }},
      'cache-control': {{ value: 'no-store' }},
      'retry-after': {{ value: {seconds} }},
      'strict-transport-security': {{ value: 'max-age=31536000' }},
      'x-content-type-options': {{ value: 'nosniff' }}
    }},
    body: program ? PLAIN : PAGE
  }};
}}
"""


def program(notice: NoticeSection) -> str:
    """Return the function's code: people get a page that asks again by itself, programs the same in JSON."""
    seconds = str(notice.retry_after_seconds)
    page = _PAGE.format(
        language=notice.language,
        seconds=seconds,
        title=html.escape(notice.title),
        text=html.escape(notice.text),
    )
    plain = {"notice": notice.title, "reason": notice.text, "retry_after_seconds": notice.retry_after_seconds}
    return _PROGRAM.format(
        page=json.dumps(page),
        plain=json.dumps(json.dumps(plain, ensure_ascii=False)),
        language=json.dumps(notice.language),
        seconds=json.dumps(seconds),
    )
