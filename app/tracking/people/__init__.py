"""People and the companies they work for: recruiters, hiring managers, interviewers, referees."""
