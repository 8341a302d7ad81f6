# One image per service: docker build --target producer|consumer|api|standalone .
#
# SDK_IMAGE and ASPNET_IMAGE name the images of another registry, or smaller ones: aspnet:10.0-noble-chiseled has no shell, and none is
# needed. ASPIRE_KAFKA_PACKAGES=false is for a NuGet feed without those packages (Directory.Build.props).
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG ASPNET_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

# The compiler runs on the builder's processor and makes programs for that of the image.
FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS build
ARG TARGETARCH
ARG ASPIRE_KAFKA_PACKAGES=true
ENV AspireKafkaPackages=$ASPIRE_KAFKA_PACKAGES DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /src

# What a restore reads, so that a change of the code does not restore again. Radar.Standalone refers to all others.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY build/AspirePackages.proj build/AspirePackages.targets build/ContainerImages.targets build/
COPY Radar.Market/Radar.Market.csproj Radar.Market/
COPY Radar.ServiceDefaults/Radar.ServiceDefaults.csproj Radar.ServiceDefaults/
COPY Radar.Producer/Radar.Producer.csproj Radar.Producer/
COPY Radar.Consumer/Radar.Consumer.csproj Radar.Consumer/
COPY Radar.Api/Radar.Api.csproj Radar.Api/ChartLibrary.targets Radar.Api/
COPY Radar.Standalone/Radar.Standalone.csproj Radar.Standalone/
RUN dotnet restore Radar.Standalone -a "$TARGETARCH"

COPY . .
ARG VERSION=
ARG REVISION=
RUN set -e; for service in Producer Consumer Api Standalone; do \
      dotnet publish "Radar.$service" -c Release -a "$TARGETARCH" --no-restore -p:ContinuousIntegrationBuild=true \
        ${VERSION:+-p:Version="$VERSION"} ${REVISION:+-p:SourceRevisionId="$REVISION"} -o "/out/$service"; \
    done

FROM ${ASPNET_IMAGE} AS runtime
ARG VERSION=
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE"
# Nothing in an image changes while it runs: no file is watched, which would cost each container one of the machine's inotify instances.
ENV ASPNETCORE_HTTP_PORTS=8080 DOTNET_hostBuilder__reloadConfigOnChange=false
EXPOSE 8080
WORKDIR /app
# By number, so that Kubernetes can see that it is not root.
USER $APP_UID

FROM runtime AS producer
LABEL org.opencontainers.image.title="radar-producer" org.opencontainers.image.description="Radar: sources of ticks to a Kafka topic"
COPY --from=build /out/Producer ./
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["/app/Radar.Producer", "health"]
ENTRYPOINT ["/app/Radar.Producer"]

FROM runtime AS consumer
LABEL org.opencontainers.image.title="radar-consumer" org.opencontainers.image.description="Radar: a Kafka topic of ticks to Redis"
COPY --from=build /out/Consumer ./
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["/app/Radar.Consumer", "health"]
ENTRYPOINT ["/app/Radar.Consumer"]

FROM runtime AS api
LABEL org.opencontainers.image.title="radar-api" org.opencontainers.image.description="Radar: REST, streams and page from Redis"
COPY --from=build /out/Api ./
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["/app/Radar.Api", "health"]
ENTRYPOINT ["/app/Radar.Api"]

# All three in one process with Kafka and Redis in memory: to try, not for production. Auth__Mode has to be given.
FROM runtime AS standalone
LABEL org.opencontainers.image.title="radar-standalone" org.opencontainers.image.description="Radar in one process, in memory"
COPY --from=build /out/Standalone ./
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["/app/Radar.Standalone", "health", "--urls=http://127.0.0.1:8080"]
ENTRYPOINT ["/app/Radar.Standalone", "--urls", "http://0.0.0.0:8080"]
