"""HealthChain's own way from a request to typed resources, as its documentation shows.

Runs in an environment of its own, as one process: `python healthchain_typed.py PORT`.
"""

import logging
import sys

import uvicorn
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.io.adapters.cdsfhiradapter import CdsFhirAdapter
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import CDSResponse


logging.disable(logging.CRITICAL)
service = CDSHooksService(use_events=False)
adapter = CdsFhirAdapter(hook_name="patient-view")


@service.hook("patient-view", id="b12-patient-view")
def call(request: CDSRequest) -> CDSResponse:
    """A constant card, once every resource of the prefetch is typed."""
    adapter.parse(request)
    return CDSResponse(
        cards=[
            {
                "summary": "Muscle cramps with metformin: consider vitamin B12",
                "indicator": "info",
                "source": {"label": "Measurement"},
            }
        ]
    )


app = HealthChainAPI(enable_events=False)
app.register_service(service)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical")
