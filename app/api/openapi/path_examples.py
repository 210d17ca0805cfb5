"""Example ids of path parameters: for these operations, others than the default of the parameter.

Every example works against the sample data without changes. An operation that changes its resource
permanently, or that is allowed only in one state, has its own sample object.
"""

from app.kit import sample_ids

PATH_EXAMPLES: dict[str, tuple[str, str]] = {
    "get_outcome": ("a closed application", sample_ids.APPLICATION_CLOSED),
    "delete_outcome": ("a closed application", sample_ids.APPLICATION_CLOSED),
    "delete_application": ("an application to delete", sample_ids.APPLICATION_TO_DELETE),
    "update_interview": ("a planned interview", sample_ids.INTERVIEW_AHEAD),
    "cancel_interview": ("a planned interview", sample_ids.INTERVIEW_AHEAD),
    "conclude_interview": ("an interview to conclude", sample_ids.INTERVIEW_TO_CONCLUDE),
    "put_feedback_request": ("an interview to conclude", sample_ids.INTERVIEW_TO_CONCLUDE),
    "delete_interview": ("an interview to delete", sample_ids.INTERVIEW_TO_DELETE),
    "warn_referee": ("a referee to notify", sample_ids.REFERENCE_TO_NOTIFY),
    "request_reference": ("a reference to request", sample_ids.REFERENCE_TO_REQUEST),
    "deliver_reference": ("a requested reference", sample_ids.REFERENCE_TO_GIVE),
    "thank_referee": ("a referee to thank", sample_ids.REFERENCE_TO_THANK),
    "delete_reference": ("a reference to delete", sample_ids.REFERENCE_TO_DELETE),
    "send_feedback": ("a draft", sample_ids.FEEDBACK_TO_SEND),
    "acknowledge_feedback": ("received feedback", sample_ids.FEEDBACK_RECEIVED),
    "delete_feedback": ("feedback to delete", sample_ids.FEEDBACK_TO_DELETE),
    "complete_step": ("an open step", sample_ids.STEP_TO_COMPLETE),
    "dismiss_step": ("an open step", sample_ids.STEP_TO_DISMISS),
    "pause_webhook_endpoint": ("an endpoint to pause", sample_ids.ENDPOINT_TO_ROTATE),
    "resume_webhook_endpoint": ("an endpoint to resume", sample_ids.ENDPOINT_TO_ROTATE),
    "rotate_webhook_secret": ("an endpoint with a secret", sample_ids.ENDPOINT_TO_ROTATE),
    "delete_webhook_endpoint": ("an endpoint to delete", sample_ids.ENDPOINT_TO_DELETE),
    "rotate_key": ("a key to rotate", sample_ids.KEY_TO_ROTATE),
    "revoke_key": ("a key to revoke", sample_ids.KEY_TO_REVOKE),
    "erase_member": ("a member to erase", sample_ids.MEMBER_TO_ERASE),
}
"""By operation id: what the sample object is, and its id."""
