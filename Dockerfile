# A static binary on nothing: no shell, no package manager, no root. Run it with a read-only file system and a volume at
# /data (docs/operations.md).
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# docker build --build-arg VERSION=$(git describe --always) says which Bellhop this is.
ARG VERSION=devel
# Time zones are in the binary (time/tzdata).
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=${VERSION}" -o /out/bot ./cmd/bot \
 && mkdir -p /out/data /out/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \
 && printf 'nonroot:x:65532:65532::/data:/sbin/nologin\n' > /out/etc/passwd

FROM scratch
COPY --from=build /out/etc /etc
COPY --from=build /out/bot /bot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
ENV BELLHOP_LISTEN=:8480 \
    BELLHOP_CONFIG=/etc/bellhop/bellhop.yaml \
    DATABASE_URL=sqlite:/data/bellhop.db
VOLUME /data
EXPOSE 8480
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/bot", "health"]
ENTRYPOINT ["/bot"]
CMD ["serve"]
