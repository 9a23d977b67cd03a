"""Risk factors for B12 deficiency (CLINICAL 2.3)."""

from service.clinical.risk_factors.finding import find_risk_factors
from service.clinical.risk_factors.question import RiskFactorFound


__all__ = ["RiskFactorFound", "find_risk_factors"]
