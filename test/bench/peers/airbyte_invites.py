"""One read of airbyte-cdk's declarative source over the list of invites, to a file of messages; what changed since the last one where there was one."""

import json
import logging
import pathlib
import sys

from airbyte_cdk.models import AirbyteStateMessageSerializer, ConfiguredAirbyteCatalogSerializer, Type
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

origin, token, folder = sys.argv[1:]
state_file = pathlib.Path(folder, "state.json")

manifest = {
    "version": "7.0.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["invites"]},
    "streams": [
        {
            "type": "DeclarativeStream",
            "name": "invites",
            "primary_key": ["id"],
            "schema_loader": {
                "type": "InlineSchemaLoader",
                "schema": {"type": "object", "additionalProperties": True, "properties": {}},
            },
            "incremental_sync": {
                "type": "DatetimeBasedCursor",
                "cursor_field": "updatedAt",
                "datetime_format": "%Y-%m-%dT%H:%M:%S.%_msZ",
                "start_datetime": "2000-01-01T00:00:00.000Z",
            },
            "retriever": {
                "type": "SimpleRetriever",
                "requester": {
                    "type": "HttpRequester",
                    "url_base": f"{origin}/construction/buildingconnected/v2",
                    "path": "/invites",
                    "http_method": "GET",
                    "authenticator": {"type": "BearerAuthenticator", "api_token": token},
                    "request_parameters": {
                        "filter[updatedAt]": "{{ stream_interval['start_time'] }}..",
                    },
                },
                "record_selector": {
                    "type": "RecordSelector",
                    "extractor": {"type": "DpathExtractor", "field_path": ["results"]},
                },
                "paginator": {
                    "type": "DefaultPaginator",
                    "page_size_option": {
                        "type": "RequestOption",
                        "inject_into": "request_parameter",
                        "field_name": "limit",
                    },
                    "page_token_option": {
                        "type": "RequestOption",
                        "inject_into": "request_parameter",
                        "field_name": "cursorState",
                    },
                    "pagination_strategy": {
                        "type": "CursorPagination",
                        "page_size": 100,
                        "cursor_value": "{{ response.pagination.cursorState }}",
                        "stop_condition": "{{ not response.pagination.cursorState }}",
                    },
                },
            },
        }
    ],
}
catalog = ConfiguredAirbyteCatalogSerializer.load(
    {
        "streams": [
            {
                "stream": {
                    "name": "invites",
                    "json_schema": {},
                    "supported_sync_modes": ["full_refresh", "incremental"],
                },
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
        ]
    }
)
state = (
    [AirbyteStateMessageSerializer.load(message) for message in json.loads(state_file.read_text())]
    if state_file.exists()
    else []
)

source = ConcurrentDeclarativeSource(catalog=catalog, config={}, state=state, source_config=manifest)
records = 0
states = []
with open(pathlib.Path(folder, "records.jsonl"), "a", encoding="utf-8") as file:
    for message in source.read(logging.getLogger("airbyte"), {}, catalog, state):
        if message.type == Type.RECORD:
            records += 1
            file.write(json.dumps(message.record.data) + "\n")
        elif message.type == Type.STATE:
            states = [AirbyteStateMessageSerializer.dump(message.state)]
state_file.write_text(json.dumps(states, default=str))
print(records)
