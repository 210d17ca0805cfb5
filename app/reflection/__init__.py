"""The reflection domain: debriefs, feedback and assessments of interviews and jobs."""
