"""HTTP as a whole: the list of routers, middleware, problem rendering, the docs page."""
