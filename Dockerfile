# pipectl itself, for clusters that exist already (RUNTIME=remote) and for CI: Node and one program, no Java, not root.
#
#   docker build -t pipectl .                                      stages of this file compile everything
#   npm run build && mvn -f flink/pom.xml -Dmaven.test.skip=true -pl cluster package &&
#     docker build --build-arg BUILT=host -t pipectl .             this machine has done so
#
# It writes to STATE_DIR only. docs/kubernetes.md says how to run it.
ARG NODE=node:22.21.1-alpine3.22
ARG BUILT=builder

FROM maven:3.9.11-eclipse-temurin-17 AS jars
WORKDIR /build
COPY flink/ ./
RUN mvn -q -B -ntp -Dmaven.test.skip=true -pl cluster package

FROM ${NODE} AS builder
WORKDIR /pipectl
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY build.mjs tsconfig.json ./
COPY src/ src/
RUN npm run --silent build
COPY --from=jars /build/cluster/target/pipectl-cluster-*.jar jars/

FROM scratch AS host
COPY dist/ /pipectl/dist/
COPY flink/cluster/target/pipectl-cluster-*.jar /pipectl/jars/

FROM ${BUILT} AS built

FROM ${NODE} AS base
# Only a build needs these, and their own dependencies are most of what a scanner would report.
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share /opt/yarn* /root/.npm \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
 # The group is 0 and may do what the owner may: so any user will do, as where a platform makes one up for each project.
 && mkdir -p /var/lib/pipectl && chown 10001:0 /var/lib/pipectl && chmod 0770 /var/lib/pipectl \
 && ln -s /opt/pipectl/dist/cli.js /usr/local/bin/pipectl

FROM base AS program
WORKDIR /opt/pipectl
COPY package.json LICENSE ./
COPY templates/ templates/
COPY datasets/ datasets/
# Our own Flink jobs, which pipectl submits over Flink's REST API.
COPY --from=built /pipectl/jars/ jars/
COPY --from=built /pipectl/dist/ dist/
# Whatever the umask was where this is built. Rendered SQL goes to build/sql, here to STATE_DIR/sql: this may be read-only.
RUN chmod -R go-w . && ln -s /var/lib/pipectl build

# From nothing: what was deleted above would still be in a layer below.
FROM scratch
COPY --from=base / /
COPY --from=program /opt/pipectl/ /opt/pipectl/
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    RUNTIME=remote SUBMIT_VIA=gateway STATE_DIR=/var/lib/pipectl
WORKDIR /var/lib/pipectl
USER 10001:0
ENTRYPOINT ["pipectl"]
