"""Programs that are differentiated, eagerly and compiled."""
