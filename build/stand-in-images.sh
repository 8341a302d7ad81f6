#!/usr/bin/env bash
# Makes stand-ins for the images that the Dockerfile and deploy/compose.yaml ask for, on a machine without an image registry: .NET's
# runtime (and with "sdk" its SDK) from this machine's own, and Aspire's dashboard from its NuGet package where it was restored. They bear
# the real images' names; images that are there are left alone.
#
#   build/stand-in-images.sh ENGINE BASE [sdk]      ENGINE: podman or docker; BASE: an image of a Linux like this machine's
set -euo pipefail
engine="${1:?podman or docker}"
base="${2:?an image with glibc, libstdc++ and OpenSSL}"
root="${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}"
dashboard="$(ls -d "${NUGET_PACKAGES:-$HOME/.nuget/packages}"/aspire.dashboard.sdk.linux-*/*/tools 2>/dev/null | sort -V | tail -1 || true)"
dashboard_version="$(sed -n 's|.*<AspireVersion>\(.*\)</AspireVersion>.*|\1|p' "$(dirname "$0")/../Directory.Packages.props")"

make() { # name context, the Containerfile from standard input
  local file
  file="$(cat)"
  "$engine" image inspect "$1" >/dev/null 2>&1 ||
    "$engine" build --quiet --pull=never --build-arg "BASE=$base" --tag "$1" --file - "$2" <<<"$file" >/dev/null
}

# As Microsoft's: the user, the port, and where .NET lies.
make mcr.microsoft.com/dotnet/aspnet:10.0 "$root" <<'END'
ARG BASE
FROM $BASE
ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true
RUN useradd --uid 1654 --user-group --create-home app
COPY dotnet /usr/share/dotnet/
COPY host /usr/share/dotnet/host
COPY shared /usr/share/dotnet/shared
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
END

# The tag is of the first two numbers, as Microsoft's.
[ -z "$dashboard" ] || make "mcr.microsoft.com/dotnet/aspire-dashboard:${dashboard_version%.*}" "$dashboard" <<'END'
FROM mcr.microsoft.com/dotnet/aspnet:10.0
ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY=false \
    ASPNETCORE_HTTP_PORTS= ASPNETCORE_URLS=http://+:18888 ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://+:18889
WORKDIR /app
COPY . .
RUN chmod +x Aspire.Dashboard
USER $APP_UID
ENTRYPOINT ["/app/Aspire.Dashboard"]
END

[ "${3:-}" != sdk ] || make mcr.microsoft.com/dotnet/sdk:10.0 "$root" <<'END'
ARG BASE
FROM $BASE
ENV DOTNET_RUNNING_IN_CONTAINER=true DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
COPY . /usr/share/dotnet/
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
END
