"""Changes that break clients, each with the code under which the gate has to find it."""

from tests.harness.compatibility.corpus.changes import (
    Change,
    Document,
    add_field,
    add_parameter,
    answer,
    change,
    field,
    message,
    on_leave,
    operation,
    parameter,
    place_of,
    recursive,
    remove_field,
    replace,
    schema,
    text_of,
    webhook,
    with_callback,
    with_growing_kinds,
    with_kinds,
    with_stream,
    with_webhook,
)
from tests.harness.compatibility.findings import Code

BREAKS: list[Change] = []

# --- operations ---------------------------------------------------------------------


@change(BREAKS, Code.SERVER_REMOVED)
def the_service_moves(document: Document) -> None:
    document["servers"] = [{"url": "https://elsewhere.example/"}]


@change(BREAKS, Code.OPERATION_REMOVED)
def an_operation_goes(document: Document) -> None:
    path, method = place_of(document, "delete_feedback")
    del document["paths"][path][method]


@change(BREAKS, Code.OPERATION_REMOVED)
def a_path_moves(document: Document) -> None:
    paths = document["paths"]
    paths["/v1/my/applications"] = paths.pop("/v1/applications")


@change(
    BREAKS,
    Code.OPERATION_REMOVED,
    given=lambda d: on_leave(operation(d, "get_model"), sunset="2031-01-01"),
)
def a_deprecated_operation_goes_before_its_sunset(document: Document) -> None:
    del document["paths"]["/v1/model"]


@change(
    BREAKS,
    Code.OPERATION_REMOVED,
    given=lambda d: on_leave(operation(d, "get_model"), since="2029-12-01", sunset="2030-05-01"),
)
def an_operation_goes_after_half_a_year_of_notice(document: Document) -> None:
    del document["paths"]["/v1/model"]


@change(
    BREAKS,
    Code.OPERATION_REMOVED,
    given=lambda d: operation(d, "get_model").update(deprecated=True),
)
def an_operation_deprecated_without_a_date_goes(document: Document) -> None:
    del document["paths"]["/v1/model"]


@change(BREAKS, Code.OPERATION_ID_CHANGED)
def an_operation_gets_another_id(document: Document) -> None:
    operation(document, "get_estimate")["operationId"] = "read_estimate"


@change(BREAKS, Code.PATH_PARAMETER_RENAMED)
def a_path_parameter_gets_another_name(document: Document) -> None:
    paths = document["paths"]
    path = "/v1/applications/{application_id}/estimate"
    item = paths["/v1/applications/{id}/estimate"] = paths.pop(path)
    item["get"]["parameters"][0]["name"] = "id"


@change(BREAKS, Code.SECURITY_TIGHTENED)
def an_operation_needs_one_more_scope(document: Document) -> None:
    operation(document, "get_application")["security"][0]["bearerAuth"].append("people:read")


@change(BREAKS, Code.SECURITY_TIGHTENED)
def an_open_operation_needs_a_key(document: Document) -> None:
    operation(document, "list_problems")["security"] = [{"bearerAuth": []}]


@change(BREAKS, Code.SECURITY_TIGHTENED)
def what_was_open_to_everybody_needs_a_key(document: Document) -> None:
    document["paths"]["/problems"]["get"]["security"] = [{"bearerAuth": []}]


@change(BREAKS, Code.SECURITY_SCHEME_CHANGED)
def the_key_goes_into_another_header(document: Document) -> None:
    scheme = document["components"]["securitySchemes"]["bearerAuth"]
    replace(scheme, type="apiKey", in_="header", name="X-Key")


# --- parameters ---------------------------------------------------------------------


@change(BREAKS, Code.PARAMETER_REMOVED)
def a_filter_goes(document: Document) -> None:
    told = operation(document, "list_applications")
    told["parameters"] = [each for each in told["parameters"] if each["name"] != "sort"]


@change(BREAKS, Code.PARAMETER_REMOVED)
def a_header_is_no_longer_read(document: Document) -> None:
    told = operation(document, "create_application")
    told["parameters"] = [p for p in told["parameters"] if p["name"] != "Idempotency-Key"]


@change(BREAKS, Code.PARAMETER_REQUIRED)
def a_new_parameter_is_needed(document: Document) -> None:
    add_parameter(document, "list_applications", name="role", required=True)


@change(BREAKS, Code.PARAMETER_REQUIRED)
def a_parameter_becomes_needed(document: Document) -> None:
    parameter(document, "list_applications", "cursor")["required"] = True


@change(BREAKS, Code.PARAMETER_REQUIRED)
def a_whole_path_needs_a_header(document: Document) -> None:
    header = {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}}
    document["paths"]["/v1/me"]["parameters"] = [header]


@change(BREAKS, Code.PARAMETER_ENCODING_CHANGED)
def a_parameter_is_written_in_another_style(document: Document) -> None:
    parameter(document, "list_applications", "sort")["style"] = "pipeDelimited"


@change(BREAKS, Code.REQUEST_BOUND_TIGHTENED)
def pages_get_shorter(document: Document) -> None:
    parameter(document, "list_applications", "limit")["schema"]["maximum"] = 50


@change(BREAKS, Code.REQUEST_DEFAULT_CHANGED)
def pages_are_of_another_length_unless_told(document: Document) -> None:
    parameter(document, "list_applications", "limit")["schema"]["default"] = 50


@change(BREAKS, Code.REQUEST_VALUE_REMOVED)
def one_order_of_a_list_goes(document: Document) -> None:
    schema(document, "ApplicationSort")["enum"].remove("applied_on")


# --- bodies -------------------------------------------------------------------------


@change(BREAKS, Code.BODY_REQUIRED)
def a_body_is_needed(document: Document) -> None:
    content = {"application/json": {"schema": {"type": "object"}}}
    operation(document, "revoke_key")["requestBody"] = {"required": True, "content": content}


@change(BREAKS, Code.BODY_REMOVED)
def a_body_goes(document: Document) -> None:
    del operation(document, "conclude_interview")["requestBody"]


@change(BREAKS, Code.REQUEST_MEDIA_TYPE_REMOVED)
def a_body_is_read_in_another_form_alone(document: Document) -> None:
    content = operation(document, "create_application")["requestBody"]["content"]
    content["application/cbor"] = content.pop("application/json")


@change(BREAKS, Code.REQUEST_FIELD_REMOVED)
def a_field_of_a_body_goes(document: Document) -> None:
    remove_field(document, "ApplicationCreate.source")


@change(BREAKS, Code.REQUEST_FIELD_REMOVED)
def a_field_of_a_body_is_for_reading_alone(document: Document) -> None:
    field(document, "ApplicationCreate.source")["readOnly"] = True


@change(BREAKS, Code.REQUEST_FIELD_REQUIRED)
def a_new_field_of_a_body_is_needed(document: Document) -> None:
    add_field(document, "ApplicationCreate.reason", {"type": "string"}, is_required=True)


@change(BREAKS, Code.REQUEST_FIELD_REQUIRED)
def a_field_of_a_body_becomes_needed(document: Document) -> None:
    schema(document, "ApplicationCreate")["required"].append("source")


@change(BREAKS, Code.REQUEST_FIELD_REQUIRED)
def a_body_needs_one_of_two_fields(document: Document) -> None:
    wanted = [{"required": ["source"]}, {"required": ["location"]}]
    schema(document, "ApplicationCreate")["allOf"] = [{"anyOf": wanted[:1]}]


@change(
    BREAKS,
    Code.REQUEST_OBJECT_CLOSED,
    given=lambda d: schema(d, "ApplicationCreate").pop("additionalProperties"),
)
def a_body_takes_no_fields_of_ones_own_any_more(document: Document) -> None:
    schema(document, "ApplicationCreate")["additionalProperties"] = False


@change(BREAKS, Code.REQUEST_TYPE_NARROWED)
def a_field_of_a_body_is_no_longer_null(document: Document) -> None:
    field(document, "ApplicationCreate.source")["anyOf"].pop()


@change(BREAKS, Code.REQUEST_TYPE_NARROWED)
def a_text_of_a_body_is_to_be_an_object(document: Document) -> None:
    replace(field(document, "ApplicationCreate.job_title"), type="object")


@change(
    BREAKS,
    Code.REQUEST_TYPE_NARROWED,
    given=lambda d: field(d, "InterviewCreate.planned_minutes")["anyOf"][0].update(type="number"),
)
def a_number_of_a_body_is_to_be_whole(document: Document) -> None:
    field(document, "InterviewCreate.planned_minutes")["anyOf"][0]["type"] = "integer"


@change(BREAKS, Code.REQUEST_BOUND_TIGHTENED)
def a_text_of_a_body_is_to_be_shorter(document: Document) -> None:
    field(document, "ApplicationCreate.job_title")["maxLength"] = 100


@change(BREAKS, Code.REQUEST_BOUND_TIGHTENED)
def a_bound_of_a_body_is_itself_left_out(document: Document) -> None:
    scores = text_of(document, "AssessmentPut.own_score")
    scores["exclusiveMinimum"] = scores.pop("minimum")


@change(BREAKS, Code.REQUEST_BOUND_TIGHTENED)
def a_list_of_a_body_is_to_have_something_in_it(document: Document) -> None:
    field(document, "InterviewCreate.panel")["minItems"] = 1


@change(BREAKS, Code.REQUEST_PATTERN_CHANGED)
def a_text_of_a_body_gets_another_pattern(document: Document) -> None:
    field(document, "ApplicationCreate.job_title")["pattern"] = "^[A-Z]"


@change(BREAKS, Code.REQUEST_FORMAT_CHANGED)
def a_text_of_a_body_gets_a_format(document: Document) -> None:
    text_of(document, "ApplicationCreate.location")["format"] = "uri"


@change(BREAKS, Code.REQUEST_VALUE_REMOVED)
def a_text_of_a_body_is_to_be_one_of_a_few(document: Document) -> None:
    text_of(document, "ApplicationCreate.source")["enum"] = ["friend", "board"]


@change(BREAKS, Code.REQUEST_VALUE_REMOVED)
def a_growing_list_loses_a_value_that_bodies_hold(document: Document) -> None:
    schema(document, "WorkMode")["enum"].remove("hybrid")


@change(BREAKS, Code.REQUEST_DEFAULT_CHANGED)
def a_field_of_a_body_means_something_else_when_left_out(document: Document) -> None:
    field(document, "FeedbackCreate.audience")["default"] = "company"


@change(BREAKS, Code.REQUEST_DEFAULT_CHANGED)
def a_field_of_a_body_gets_a_default(document: Document) -> None:
    field(document, "ApplicationCreate.source")["default"] = "friend"


@change(BREAKS, Code.REQUEST_CONSTRAINT_ADDED)
def a_body_must_not_have_two_fields_together(document: Document) -> None:
    schema(document, "ApplicationCreate")["not"] = {"required": ["source", "location"]}


@change(BREAKS, Code.REQUEST_CONSTRAINT_ADDED)
def a_list_of_a_body_must_not_repeat_itself(document: Document) -> None:
    field(document, "InterviewCreate.panel")["uniqueItems"] = True


@change(BREAKS, Code.REQUEST_VALUE_REMOVED)
def a_map_of_a_body_takes_fewer_names(document: Document) -> None:
    names = field(document, "AssessmentPut.answers")["propertyNames"]
    replace(names, enum=["only_this"])


@change(BREAKS, Code.KEYWORD_NOT_UNDERSTOOD)
def a_keyword_appears_that_nobody_knows(document: Document) -> None:
    field(document, "ApplicationCreate.job_title")["contentEncoding"] = "base64"


# --- answers ------------------------------------------------------------------------


@change(BREAKS, Code.STATUS_ADDED)
def an_operation_answers_later(document: Document) -> None:
    operation(document, "get_estimate")["responses"]["202"] = {"description": "Come back"}


@change(BREAKS, Code.STATUS_REMOVED)
def an_answer_goes(document: Document) -> None:
    del operation(document, "get_estimate")["responses"]["304"]


@change(BREAKS, Code.PROBLEM_IN_ANOTHER_SHAPE)
def a_new_problem_is_told_in_plain_text(document: Document) -> None:
    told = {"description": "Gone", "content": {"text/plain": {"schema": {"type": "string"}}}}
    operation(document, "get_estimate")["responses"]["410"] = told


@change(BREAKS, Code.PROBLEM_IN_ANOTHER_SHAPE)
def a_new_problem_has_fields_of_its_own_alone(document: Document) -> None:
    content = {"application/problem+json": {"schema": {"type": "object"}}}
    told = {"description": "Gone", "content": content}
    operation(document, "get_estimate")["responses"]["410"] = told


@change(BREAKS, Code.RESPONSE_MEDIA_TYPE_REMOVED)
def an_answer_comes_in_another_form_alone(document: Document) -> None:
    content = answer(document, "get_estimate")["content"]
    content["application/cbor"] = content.pop("application/json")


@change(BREAKS, Code.RESPONSE_MEDIA_TYPE_REMOVED)
def an_answer_has_no_body_any_more(document: Document) -> None:
    del answer(document, "get_estimate")["content"]


@change(BREAKS, Code.RESPONSE_HEADER_REMOVED)
def a_header_of_an_answer_goes(document: Document) -> None:
    del answer(document, "get_estimate")["headers"]["ETag"]


@change(
    BREAKS,
    Code.RESPONSE_HEADER_OPTIONAL,
    given=lambda d: answer(d, "get_estimate")["headers"]["ETag"].update(required=True),
)
def a_header_of_an_answer_may_be_missing(document: Document) -> None:
    answer(document, "get_estimate")["headers"]["ETag"]["required"] = False


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def a_header_of_all_answers_gets_another_type(document: Document) -> None:
    document["components"]["headers"]["RateLimit"]["schema"] = {"type": "integer"}


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED)
def a_field_of_an_answer_goes(document: Document) -> None:
    remove_field(document, "Estimate.coverage")


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED)
def a_field_of_an_answer_gets_another_name(document: Document) -> None:
    told = field(document, "Interview.starts_at")
    remove_field(document, "Interview.starts_at")
    add_field(document, "Interview.begins_at", told, is_required=True)


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED)
def a_field_of_an_answer_is_for_writing_alone(document: Document) -> None:
    field(document, "Estimate.coverage")["writeOnly"] = True


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED)
def a_field_that_every_problem_has_goes(document: Document) -> None:
    remove_field(document, "Problem.request_id")


@change(BREAKS, Code.RESPONSE_FIELD_OPTIONAL)
def a_field_of_an_answer_may_be_missing(document: Document) -> None:
    schema(document, "Estimate")["required"].remove("coverage")


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def a_field_of_an_answer_may_be_null(document: Document) -> None:
    field(document, "Estimate.coverage")["type"] = ["number", "null"]


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def a_whole_number_of_an_answer_may_be_broken(document: Document) -> None:
    field(document, "Estimate.outcomes_learnt_from")["type"] = "number"


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def a_map_of_an_answer_may_hold_numbers(document: Document) -> None:
    field(document, "Estimate.provenance")["additionalProperties"]["type"] = ["string", "number"]


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def a_map_of_an_answer_gets_a_field_of_another_type(document: Document) -> None:
    field(document, "Estimate.provenance")["properties"] = {"at": {"type": "integer"}}


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def a_list_of_an_answer_may_hold_anything(document: Document) -> None:
    del field(document, "Estimate.contributions")["items"]


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED)
def a_line_of_an_export_loses_a_field(document: Document) -> None:
    remove_field(document, "ExportedRecord.data")


@change(BREAKS, Code.RESPONSE_CONSTRAINT_REMOVED)
def the_text_of_an_export_holds_something_else(document: Document) -> None:
    stream = answer(document, "export_me")["content"]["application/jsonl"]["schema"]
    stream["contentMediaType"] = "text/csv"


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def an_end_of_an_interval_may_be_null(document: Document) -> None:
    field(document, "Interval.low")["type"] = ["number", "null"]


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED, given=with_kinds)
def a_third_kind_of_a_thing_comes(document: Document) -> None:
    field(document, "Estimate.remark")["oneOf"].append({"type": "object", "required": ["x"]})


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED, given=with_kinds)
def one_kind_of_a_thing_loses_a_field(document: Document) -> None:
    remove_field(document, "RemarkHint.text")


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED, given=with_growing_kinds)
def one_of_the_growing_kinds_of_a_thing_loses_a_field(document: Document) -> None:
    remove_field(document, "RemarkHint.text")


@change(BREAKS, Code.DISCRIMINATOR_CHANGED, given=with_kinds)
def kinds_are_told_apart_by_another_field(document: Document) -> None:
    field(document, "Estimate.remark")["discriminator"]["propertyName"] = "form"


@change(BREAKS, Code.RESPONSE_VALUE_ADDED, given=with_kinds)
def a_kind_gets_the_name_of_another(document: Document) -> None:
    mapping = field(document, "Estimate.remark")["discriminator"]["mapping"]
    mapping["hint"] = mapping["warning"]


@change(BREAKS, Code.RESPONSE_VALUE_ADDED)
def an_answer_has_a_value_that_was_not_in_its_list(document: Document) -> None:
    schema(document, "Band")["enum"].append("certain")


@change(BREAKS, Code.RESPONSE_VALUE_ADDED)
def an_answer_is_any_text_where_there_was_a_list(document: Document) -> None:
    replace(schema(document, "Band"), type="string")


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED)
def a_growing_list_gets_numbers_among_its_texts(document: Document) -> None:
    told = schema(document, "Anchor")
    told |= {"type": ["string", "integer"], "enum": [*told["enum"], 1]}


@change(BREAKS, Code.RESPONSE_BOUND_LOOSENED)
def a_share_of_an_answer_may_be_over_one(document: Document) -> None:
    field(document, "Estimate.coverage")["maximum"] = 100


@change(BREAKS, Code.RESPONSE_BOUND_LOOSENED)
def a_number_of_an_answer_has_no_bound_any_more(document: Document) -> None:
    del field(document, "Estimate.coverage")["minimum"]


@change(
    BREAKS,
    Code.RESPONSE_BOUND_LOOSENED,
    given=lambda d: field(d, "Estimate.outcomes_learnt_from").update(multipleOf=10),
)
def a_number_of_an_answer_comes_in_other_steps(document: Document) -> None:
    field(document, "Estimate.outcomes_learnt_from")["multipleOf"] = 5


@change(
    BREAKS,
    Code.RESPONSE_PATTERN_CHANGED,
    given=lambda d: field(d, "Key.id").update(pattern="^key_[0-9a-z]{26}$"),
)
def an_id_of_an_answer_looks_different(document: Document) -> None:
    field(document, "Key.id")["pattern"] = "^[0-9a-f-]{36}$"


@change(BREAKS, Code.RESPONSE_FORMAT_CHANGED)
def an_instant_of_an_answer_becomes_a_day(document: Document) -> None:
    field(document, "Key.created_at")["format"] = "date"


@change(BREAKS, Code.RESPONSE_FORMAT_CHANGED)
def an_instant_of_an_answer_becomes_any_text(document: Document) -> None:
    del field(document, "Key.created_at")["format"]


@change(
    BREAKS,
    Code.RESPONSE_DEFAULT_CHANGED,
    given=lambda d: add_field(d, "Estimate.rounding", {"type": "integer", "default": 3}),
)
def a_field_missing_from_an_answer_means_something_else(document: Document) -> None:
    field(document, "Estimate.rounding")["default"] = 2


@change(
    BREAKS,
    Code.RESPONSE_CONSTRAINT_REMOVED,
    given=lambda d: field(d, "Estimate.contributions").update(uniqueItems=True),
)
def a_list_of_an_answer_may_repeat_itself(document: Document) -> None:
    del field(document, "Estimate.contributions")["uniqueItems"]


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED, given=with_stream)
def a_field_of_the_items_of_a_stream_goes(document: Document) -> None:
    media = answer(document, "list_applications")["content"]["application/jsonl"]
    known = schema(document, "Application")["properties"]
    fewer = {name: told for name, told in known.items() if name != "stage"}
    whole = schema(document, "Application") | {"properties": fewer}
    media["itemSchema"] = whole | {"required": [n for n in whole["required"] if n != "stage"]}


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED, given=with_stream)
def nobody_knows_what_a_stream_holds(document: Document) -> None:
    del answer(document, "list_applications")["content"]["application/jsonl"]["itemSchema"]


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED, given=recursive)
def something_that_holds_its_like_loses_a_field(document: Document) -> None:
    remove_field(document, "Question.text")


# --- both ways ------------------------------------------------------------------------


@change(BREAKS, Code.RESPONSE_BOUND_LOOSENED)
def money_that_is_sent_and_received_may_be_more(document: Document) -> None:
    field(document, "Money.minimum")["maximum"] = 10**15


@change(BREAKS, Code.REQUEST_BOUND_TIGHTENED)
def money_that_is_sent_and_received_must_be_less(document: Document) -> None:
    field(document, "Money.minimum")["maximum"] = 1_000


# --- webhooks and callbacks ---------------------------------------------------------


@change(BREAKS, Code.WEBHOOK_REMOVED, given=with_webhook)
def a_webhook_goes(document: Document) -> None:
    document["webhooks"] = {}


@change(BREAKS, Code.RESPONSE_FIELD_REMOVED, given=with_webhook)
def a_message_loses_a_field(document: Document) -> None:
    del message(document)["properties"]["interview"]
    message(document)["required"].remove("interview")


@change(BREAKS, Code.RESPONSE_FIELD_OPTIONAL, given=with_webhook)
def a_message_may_lack_a_field(document: Document) -> None:
    message(document)["required"].remove("interview")


@change(BREAKS, Code.RESPONSE_HEADER_REMOVED, given=with_webhook)
def a_message_loses_a_header(document: Document) -> None:
    webhook(document)["parameters"].clear()


@change(BREAKS, Code.ACKNOWLEDGEMENT_REFUSED, given=with_webhook)
def an_answer_to_a_message_no_longer_counts(document: Document) -> None:
    del webhook(document)["responses"]["410"]


@change(BREAKS, Code.RESPONSE_TYPE_WIDENED, given=with_callback)
def a_callback_sends_something_else(document: Document) -> None:
    told = operation(document, "create_application")["callbacks"]["changed"]["{$request.url}"]
    told["post"]["requestBody"]["content"]["application/json"]["schema"] = {"type": "integer"}


# --- notice -------------------------------------------------------------------------


@change(BREAKS, Code.DEPRECATED_WITHOUT_NOTICE)
def an_operation_is_deprecated_without_dates(document: Document) -> None:
    operation(document, "get_model")["deprecated"] = True


@change(BREAKS, Code.DEPRECATED_WITHOUT_NOTICE)
def a_field_is_deprecated_with_half_a_year_of_notice(document: Document) -> None:
    on_leave(field(document, "Estimate.coverage"), since="2030-06-01", sunset="2030-12-01")


@change(
    BREAKS,
    Code.SUNSET_BROUGHT_FORWARD,
    given=lambda d: on_leave(operation(d, "get_model"), since="2030-01-01", sunset="2032-01-01"),
)
def a_sunset_comes_sooner_than_was_told(document: Document) -> None:
    operation(document, "get_model")["x-sunset"] = "2031-01-01"
