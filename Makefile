# Short names for the verbs of dev.py, which does the work: make test ARGS="-k words"
PYTHON ?= python3
VERBS := serve test quick lint types layers migrations openapi compatible release-contract contract-lint architecture docker-lint verify check conformance conformance-part clients browser authz idempotency walks chaos bench lock clean help
.DEFAULT_GOAL := help
.PHONY: run $(VERBS)

run: serve
$(VERBS): ; @$(PYTHON) dev.py $@ $(ARGS)
