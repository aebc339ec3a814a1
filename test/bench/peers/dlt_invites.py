"""One run of dlt's REST source over the list of invites, into DuckDB; what changed since the last one where there was one."""

import sys

import dlt
from dlt.sources.rest_api import rest_api_source

origin, token, folder = sys.argv[1:]

source = rest_api_source(
    {
        "client": {
            "base_url": f"{origin}/construction/buildingconnected/v2/",
            "auth": {"type": "bearer", "token": token},
            "paginator": {
                "type": "cursor",
                "cursor_path": "pagination.cursorState",
                "cursor_param": "cursorState",
            },
        },
        "resources": [
            {
                "name": "invites",
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {
                    "path": "invites",
                    "data_selector": "results",
                    "params": {"limit": 100, "filter[updatedAt]": "{incremental.start_value}.."},
                    "incremental": {
                        "cursor_path": "updatedAt",
                        "initial_value": "2000-01-01T00:00:00.000Z",
                    },
                },
            }
        ],
    }
)
pipeline = dlt.pipeline(
    pipeline_name="invites",
    pipelines_dir=folder,
    destination=dlt.destinations.duckdb(f"{folder}/invites.duckdb"),
    dataset_name="buildingconnected",
)
pipeline.run(source)
with pipeline.sql_client() as client:
    print(client.execute_sql("select count(*) from invites")[0][0])
