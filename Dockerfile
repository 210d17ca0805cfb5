# The service alone, in two stages: the packages and the wheel are made in the first, used in the second.
#   docker build -t debrief .
#   docker run -p 8000:8000 -v debrief:/data debrief
# With PostgreSQL, set DEBRIEF_DATABASE_URL and DEBRIEF_SECRET.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv --without-pip /opt/debrief
# The packages first: they change less often than the project, so their layer is kept.
COPY requirements/build.txt requirements/run.txt requirements/
RUN pip install --require-hashes -r requirements/build.txt \
 && pip --python /opt/debrief/bin/python install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md alembic.ini ./
COPY migrations migrations
COPY app app
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && pip --python /opt/debrief/bin/python install --no-deps dist/*.whl

FROM python:3.13-slim-bookworm
# By number, so that a cluster that asks for "not root" can see that it is none.
RUN install -d -o 10001 -g 10001 /data
COPY --from=build /opt/debrief /opt/debrief
ENV PATH=/opt/debrief/bin:$PATH \
    DEBRIEF_ENVIRONMENT=production \
    DEBRIEF_HOST=0.0.0.0 \
    DEBRIEF_DATABASE_URL=sqlite:////data/debrief.db
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"DEBRIEF_PORT\", 8000)}/healthz', timeout=2)"]
CMD ["debrief", "serve", "--migrate"]
