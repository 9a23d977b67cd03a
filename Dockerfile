# The service as a container image.
#
# Everything comes from Debian's own packages and from the hashed lock, so that the
# image can be built wherever those two can be had, by docker, podman or buildah
# (`make image` builds it without a daemon). HEALTHCHECK needs the docker format.
ARG BASE_IMAGE=debian:bookworm-slim


FROM ${BASE_IMAGE} AS build

RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv

# Two environments: the one that ships has no installer in it, and the other, which
# installs into it, stays behind in this stage.
RUN python3 -m venv /opt/build \
 && python3 -m venv --without-pip /opt/b12-cds

WORKDIR /src
COPY requirements.txt requirements-build.txt ./
# A package index of one's own, and the certificates that vouch for it, are lent to this
# one step as secrets and stay out of the image; without them pip asks its usual index.
RUN --mount=type=secret,id=pip_global,target=/etc/xdg/pip/pip.conf \
    --mount=type=secret,id=pip_user,target=/etc/pip.conf \
    --mount=type=secret,id=certificates,target=/etc/ssl/certs/ca-certificates.crt \
    /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.txt \
 && /opt/build/bin/pip --python /opt/b12-cds/bin/python install \
      --no-cache-dir --require-hashes -r requirements.txt

COPY . .
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation \
      --wheel-dir /wheels . \
 && /opt/build/bin/pip --python /opt/b12-cds/bin/python install \
      --no-cache-dir --no-deps --no-index /wheels/*.whl \
 && /opt/b12-cds/bin/python -m compileall -q -j 0 /opt/b12-cds/lib


FROM ${BASE_IMAGE}

LABEL org.opencontainers.image.title="b12-cds" \
      org.opencontainers.image.description="CDS Hooks service: muscle cramps and risk factors for vitamin B12 deficiency" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 tzdata \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*

COPY --from=build /opt/b12-cds /opt/b12-cds

# The only place the service writes to is var/ (the feedback store, unless a database
# is named); the rest of the file system may be mounted read-only. A number and not a
# name, so that an orchestrator can see for itself that the user is not root.
RUN install -d -o 10001 -g 10001 /srv/b12-cds/var
WORKDIR /srv/b12-cds
VOLUME /srv/b12-cds/var
USER 10001:10001

ENV PATH=/opt/b12-cds/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]

ENTRYPOINT ["b12-cds"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
