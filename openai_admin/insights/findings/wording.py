"""What several findings say alike."""

NO_COSTS = "There were no costs."
