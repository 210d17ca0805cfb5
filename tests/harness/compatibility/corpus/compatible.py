"""Changes that clients of the released contract do not notice: the gate must let them all by."""

from typing import Any

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

COMPATIBLE: list[Change] = []
compatible = change(COMPATIBLE)

# --- said otherwise -------------------------------------------------------------------


@compatible
def everything_is_explained_better(document: Document) -> None:
    document["info"] |= {"title": "Debrief API", "description": "Better.", "version": "0.2.0"}
    operation(document, "get_estimate").update({"summary": "Estimate", "description": "Better."})
    schema(document, "Estimate")["description"] = "Better."
    field(document, "Estimate.coverage").update({"title": "Share", "examples": [0.5]})


@compatible
def operations_stand_under_other_tags(document: Document) -> None:
    operation(document, "get_estimate")["tags"] = ["Numbers"]
    document["tags"].append({"name": "Numbers"})


@compatible
def links_go(document: Document) -> None:
    del answer(document, "create_application", "201")["links"]


@compatible
def keys_stand_in_another_order(document: Document) -> None:
    document["paths"] = dict(reversed(document["paths"].items()))
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = dict(reversed(schemas.items()))
    schema(document, "Estimate")["required"].reverse()
    schema(document, "Band")["enum"].reverse()
    operation(document, "list_applications")["parameters"].reverse()


@compatible
def a_reference_is_spelt_out(document: Document) -> None:
    schema(document, "Estimate")["properties"]["baseline"] = schema(document, "Baseline")


@compatible
def a_schema_gets_a_name_of_its_own(document: Document) -> None:
    schemas = document["components"]["schemas"]
    schemas["Title"] = field(document, "ApplicationCreate.job_title")
    named = {"$ref": "#/components/schemas/Title"}
    schema(document, "ApplicationCreate")["properties"]["job_title"] = named


@compatible
def a_schema_gets_another_name(document: Document) -> None:
    schemas = document["components"]["schemas"]
    schemas["Probability"] = schemas.pop("Estimate")
    _lead_elsewhere(document, "#/components/schemas/Estimate", "#/components/schemas/Probability")


@compatible
def a_schema_is_wrapped(document: Document) -> None:
    baseline = {"allOf": [{"$ref": "#/components/schemas/Baseline"}], "description": "Where."}
    schema(document, "Estimate")["properties"]["baseline"] = baseline


@compatible
def null_is_said_in_another_way(document: Document) -> None:
    told = field(document, "ApplicationCreate.source")
    text = told.pop("anyOf")[0]
    told |= text | {"type": ["string", "null"]}


@compatible
def alternatives_stand_in_another_order(document: Document) -> None:
    field(document, "ApplicationCreate.source")["anyOf"].reverse()


@compatible
def a_list_of_values_is_cut_in_two(document: Document) -> None:
    told = schema(document, "Band")
    values = told.pop("enum")
    told["anyOf"] = [{"enum": values[:2]}, {"enum": values[2:]}]


@compatible
def a_constant_is_said_in_another_way(document: Document) -> None:
    told = field(document, "Health.status")
    told["enum"] = [told.pop("const")]


@compatible
def a_bound_is_said_in_another_way(document: Document) -> None:
    field(document, "Estimate.outcomes_learnt_from")["exclusiveMinimum"] = -1
    del field(document, "Estimate.outcomes_learnt_from")["minimum"]


@compatible
def an_object_is_put_together_from_two(document: Document) -> None:
    told = schema(document, "Problem")
    more = {"required": told.pop("required"), "properties": {"code": told["properties"]["code"]}}
    told["allOf"] = [more]


@compatible
def a_parameter_moves_up_to_its_path(document: Document) -> None:
    item = document["paths"]["/v1/applications/{application_id}/estimate"]
    item["parameters"] = [item["get"]["parameters"].pop(0)]


@compatible
def a_parameter_gets_a_name_of_its_own(document: Document) -> None:
    told = operation(document, "list_applications")["parameters"]
    document["components"]["parameters"]["first"] = told[0]
    told[0] = {"$ref": "#/components/parameters/first"}


@compatible
def the_usual_style_of_a_parameter_is_spelt_out(document: Document) -> None:
    parameter(document, "list_applications", "limit").update({"style": "form", "explode": True})


@compatible
def scopes_are_said_for_all_at_once(document: Document) -> None:
    told = operation(document, "get_me").pop("security")
    for methods in document["paths"].values():
        for each in methods.values():
            if each["operationId"] != "get_me":
                each.setdefault("security", [])
    document["security"] = told


# --- more -----------------------------------------------------------------------------


@compatible
def an_operation_comes(document: Document) -> None:
    ok = {"200": {"description": "All", "content": {"application/json": {"schema": {}}}}}
    document["paths"]["/v1/lessons"] = {"get": {"operationId": "list_lessons", "responses": ok}}


@compatible
def a_path_takes_one_more_method(document: Document) -> None:
    item = document["paths"]["/v1/applications/{application_id}"]
    item["put"] = item["patch"] | {"operationId": "replace_application"}


@compatible
def the_service_can_be_had_elsewhere_too(document: Document) -> None:
    document["servers"].append({"url": "https://eu.example/"})


@compatible
def a_filter_comes(document: Document) -> None:
    add_parameter(document, "list_applications", name="company", required=False)


@compatible
def a_body_gets_a_field(document: Document) -> None:
    add_field(document, "ApplicationCreate.reason", {"type": "string", "maxLength": 100})


@compatible
def a_body_gets_a_field_with_a_default(document: Document) -> None:
    add_field(document, "ApplicationCreate.priority", {"type": "integer", "default": 0})


@compatible
def an_answer_gets_a_field(document: Document) -> None:
    add_field(document, "Estimate.note", {"type": ["string", "null"]}, is_required=True)


@compatible
def a_problem_gets_a_field(document: Document) -> None:
    add_field(document, "Problem.docs", {"type": "string"}, is_required=True)


@compatible
def an_answer_says_that_more_fields_may_come(document: Document) -> None:
    schema(document, "Estimate")["additionalProperties"] = True


@compatible
def an_answer_gets_a_header(document: Document) -> None:
    answer(document, "get_estimate")["headers"]["Age"] = {"schema": {"type": "integer"}}


@compatible
def an_answer_can_be_had_in_another_form_too(document: Document) -> None:
    content = answer(document, "get_estimate")["content"]
    content["text/csv"] = {"schema": {"type": "string"}}


@compatible
def a_body_can_be_sent_in_another_form_too(document: Document) -> None:
    content = operation(document, "create_application")["requestBody"]["content"]
    content["application/cbor"] = content["application/json"]


@compatible
def an_operation_takes_a_body_if_there_is_one(document: Document) -> None:
    content = {"application/json": {"schema": {"type": "object"}}}
    operation(document, "revoke_key")["requestBody"] = {"required": False, "content": content}


@compatible
def a_problem_of_a_new_status_comes(document: Document) -> None:
    answers = operation(document, "get_estimate")["responses"]
    answers["410"] = answers["404"] | {"description": "`application_gone` It was removed"}


@compatible
def a_new_problem_of_an_old_status_comes(document: Document) -> None:
    answer(document, "get_estimate", "404")["description"] += " · `estimate_missing` None yet"


@compatible
def a_problem_no_longer_happens(document: Document) -> None:
    del operation(document, "get_estimate")["responses"]["404"]


@compatible
def an_answer_can_be_read_again_cheaply(document: Document) -> None:
    told = operation(document, "list_problems")
    told["responses"]["304"] = {"description": "As you know it"}
    add_parameter(document, "get_problem", name="If-None-Match", **{"in": "header"})


@compatible
def an_operation_can_be_opened_by_another_scope_too(document: Document) -> None:
    operation(document, "get_application")["security"].append({"bearerAuth": ["everything:read"]})


@compatible
def a_token_will_do_as_well(document: Document) -> None:
    scheme = {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid-configuration"}
    document["components"]["securitySchemes"]["Token"] = scheme
    operation(document, "get_application")["security"].append({"Token": []})


@compatible
def an_operation_needs_fewer_scopes(document: Document) -> None:
    operation(document, "get_application")["security"][0]["bearerAuth"] = []


# --- wider on the way in ----------------------------------------------------------------


@compatible
def a_field_of_a_body_can_be_left_out(document: Document) -> None:
    schema(document, "ApplicationCreate")["required"].remove("company")


@compatible
def a_field_of_a_body_can_be_left_out_for_a_default(document: Document) -> None:
    schema(document, "ApplicationCreate")["required"].remove("job_title")
    field(document, "ApplicationCreate.job_title")["default"] = "Engineer"


@compatible
def a_header_can_be_left_out(document: Document) -> None:
    parameter(document, "update_application", "If-Match")["required"] = False


@compatible
def a_field_of_a_body_can_be_null(document: Document) -> None:
    told = schema(document, "ApplicationCreate")["properties"]
    told["job_title"] = {"anyOf": [told["job_title"], {"type": "null"}]}


@compatible
def a_text_of_a_body_can_be_longer(document: Document) -> None:
    field(document, "ApplicationCreate.job_title").update({"maxLength": 500, "minLength": 0})


@compatible
def pages_can_be_longer(document: Document) -> None:
    parameter(document, "list_applications", "limit")["schema"]["maximum"] = 500


@compatible
def a_text_of_a_body_needs_no_pattern(document: Document) -> None:
    del field(document, "ApplicationCreate.job_title")["pattern"]


@compatible
def a_text_of_a_body_needs_no_format(document: Document) -> None:
    del field(document, "ApplicationUpdate.applied_on")["format"]


@compatible
def a_list_can_be_had_in_one_more_order(document: Document) -> None:
    schema(document, "ApplicationSort")["enum"].append("company")


@compatible
def a_body_takes_fields_of_ones_own(document: Document) -> None:
    schema(document, "ApplicationCreate")["additionalProperties"] = True


@compatible
def a_whole_number_of_a_body_can_be_broken(document: Document) -> None:
    text_of(document, "InterviewCreate.planned_minutes")["type"] = "number"


@compatible
def a_text_of_a_body_can_be_an_object_too(document: Document) -> None:
    told = schema(document, "ApplicationCreate")["properties"]
    told["job_title"] = {"anyOf": [{"type": "object"}, told["job_title"]]}


# --- narrower on the way out --------------------------------------------------------------


@compatible
def an_answer_is_never_null_any_more(document: Document) -> None:
    field(document, "Key.last_used_at")["anyOf"].pop()


@compatible
def a_number_of_an_answer_keeps_within_bounds(document: Document) -> None:
    field(document, "Estimate.log_odds").update({"minimum": -20, "maximum": 20})


@compatible
def a_text_of_an_answer_is_one_of_a_few(document: Document) -> None:
    field(document, "Estimate.model_version")["enum"] = ["1", "2"]


@compatible
def a_line_of_an_export_gets_a_field(document: Document) -> None:
    add_field(document, "ExportedRecord.remark", {"type": "string"})


@compatible
def a_text_of_an_answer_has_a_format(document: Document) -> None:
    field(document, "Key.id")["format"] = "typeid"


@compatible
def a_value_of_an_answer_no_longer_comes(document: Document) -> None:
    schema(document, "Band")["enum"].remove("very_likely")


@compatible
def a_number_of_an_answer_is_whole(document: Document) -> None:
    field(document, "Estimate.log_odds")["type"] = "integer"


@compatible
def a_list_of_an_answer_is_never_empty(document: Document) -> None:
    field(document, "Estimate.contributions").update({"minItems": 1, "uniqueItems": True})


@change(COMPATIBLE, given=lambda d: schema(d, "Estimate")["required"].remove("coverage"))
def a_field_of_an_answer_is_always_there(document: Document) -> None:
    schema(document, "Estimate")["required"].append("coverage")


@change(COMPATIBLE, given=with_kinds)
def one_kind_of_a_thing_no_longer_comes(document: Document) -> None:
    told = field(document, "Estimate.remark")
    told["oneOf"].pop()
    del told["discriminator"]["mapping"]["warning"]


@change(COMPATIBLE, given=recursive)
def something_that_holds_its_like_gets_a_field(document: Document) -> None:
    add_field(document, "Question.hint", {"type": "string"})


@change(COMPATIBLE, given=with_stream)
def the_items_of_a_stream_get_a_field(document: Document) -> None:
    add_field(document, "Application.rank", {"type": "integer"})


# --- what is meant to grow ----------------------------------------------------------------


@compatible
def a_permission_comes(document: Document) -> None:
    schema(document, "Scope")["enum"].append("lessons:read")


@compatible
def a_sign_comes(document: Document) -> None:
    schema(document, "SignalId")["enum"].append("offered_coffee")


@compatible
def a_growing_list_is_no_longer_told_in_full(document: Document) -> None:
    replace(schema(document, "Anchor"), type="string")


@change(COMPATIBLE, given=with_growing_kinds)
def a_third_kind_of_a_growing_thing_comes(document: Document) -> None:
    told = field(document, "Estimate.remark")
    told["oneOf"].append({"type": "object", "required": ["kind"], "properties": {"kind": {}}})


# --- webhooks and callbacks ------------------------------------------------------------------


@compatible
def a_webhook_comes(document: Document) -> None:
    with_webhook(document)


@change(COMPATIBLE, given=with_webhook)
def a_message_gets_a_field(document: Document) -> None:
    message(document)["properties"]["at"] = {"type": "string"}


@change(COMPATIBLE, given=with_webhook)
def a_message_gets_a_header(document: Document) -> None:
    header = {"name": "webhook-attempt", "in": "header", "required": True, "schema": {}}
    webhook(document)["parameters"].append(header)


@change(COMPATIBLE, given=with_webhook)
def one_more_answer_to_a_message_counts(document: Document) -> None:
    webhook(document)["responses"]["200"] = {"description": "Taken"}


@change(COMPATIBLE, given=with_webhook)
def a_range_of_answers_to_a_message_counts(document: Document) -> None:
    answers = webhook(document)["responses"]
    answers["2XX"] = answers.pop("204")


@change(COMPATIBLE, given=with_callback)
def a_callback_sends_one_of_a_few(document: Document) -> None:
    told = operation(document, "create_application")["callbacks"]["changed"]["{$request.url}"]
    told["post"]["requestBody"]["content"]["application/json"]["schema"]["enum"] = ["a", "b"]


# --- notice and its end --------------------------------------------------------------------


@compatible
def an_operation_is_deprecated_a_year_ahead(document: Document) -> None:
    on_leave(operation(document, "get_model"), since="2030-06-01", sunset="2031-06-01")


@compatible
def a_field_is_deprecated_a_year_ahead(document: Document) -> None:
    on_leave(field(document, "Estimate.coverage"), since="2030-06-01", sunset="2031-06-01")


@change(COMPATIBLE, given=lambda d: on_leave(operation(d, "get_model")))
def an_operation_goes_after_its_sunset(document: Document) -> None:
    del document["paths"]["/v1/model"]


@change(COMPATIBLE, given=lambda d: on_leave(parameter(d, "list_applications", "sort")))
def a_filter_goes_after_its_sunset(document: Document) -> None:
    told = operation(document, "list_applications")
    told["parameters"] = [each for each in told["parameters"] if each["name"] != "sort"]


@change(COMPATIBLE, given=lambda d: on_leave(field(d, "Estimate.coverage")))
def a_field_of_an_answer_goes_after_its_sunset(document: Document) -> None:
    remove_field(document, "Estimate.coverage")


@change(COMPATIBLE, given=lambda d: on_leave(field(d, "ApplicationCreate.source")))
def a_field_of_a_body_goes_after_its_sunset(document: Document) -> None:
    remove_field(document, "ApplicationCreate.source")


@change(COMPATIBLE, given=lambda d: on_leave(operation(d, "get_model"), sunset="2031-01-01"))
def a_sunset_is_put_off(document: Document) -> None:
    operation(document, "get_model")["x-sunset"] = "2033-01-01"


def _lead_elsewhere(place: Any, reference: str, to: str) -> None:
    below = place.values() if isinstance(place, dict) else place
    for each in below if isinstance(place, (dict, list)) else ():
        _lead_elsewhere(each, reference, to)
    if isinstance(place, dict) and place.get("$ref") == reference:
        place["$ref"] = to
