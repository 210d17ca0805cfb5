"""HTTP application: routers, middleware, problem responses, OpenAPI document, docs page."""
