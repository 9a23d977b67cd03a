"""The answer of the servers that decide nothing."""

import json


CONSTANT_CARD = json.dumps(
    {
        "cards": [
            {
                "uuid": "3f1d7c1e-9f0a-4ab1-8e9f-0d0c7a9d9a11",
                "summary": "Muscle cramps with metformin: consider vitamin B12",
                "indicator": "info",
                "source": {"label": "Measurement"},
            }
        ]
    }
)
