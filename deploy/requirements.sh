# shellcheck shell=bash
# Installs what a script needs and the machine lacks. To be sourced; a second call is quick, because
# each function looks first and touches the network only for what is missing.

# as_root COMMAND...: runs it with the rights of root.
as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# require_packages NAME...: Debian packages.
require_packages() {
  local name missing=()
  for name in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$name" 2>/dev/null |
      grep -qx installed || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  echo "Installing ${missing[*]}"
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
    install --yes --no-install-recommends "${missing[@]}" >/dev/null
}

# require_python_packages REQUIREMENT...: puts them in .build/venv, and that first in PATH.
# Call it from the top of the repository.
require_python_packages() {
  local stamp=.build/venv/requirements
  require_packages python3 python3-venv
  [[ -x .build/venv/bin/pip ]] || python3 -m venv .build/venv
  if [[ "$(cat "$stamp" 2>/dev/null)" != "$*" ]]; then
    .build/venv/bin/pip install --quiet --disable-pip-version-check "$@"
    echo "$*" >"$stamp"
  fi
  PATH="$PWD/.build/venv/bin:$PATH"
}

# require_debian_source NAME FOLDER: unpacks Debian's source package into FOLDER. The deb-src list
# and everything else that apt keeps is private to .build/apt: the machine's sources stay as they
# are. apt checks the archive against Debian's signature. Call it from the top of the repository.
require_debian_source() {
  local name=$1 folder=$2 apt=$PWD/.build/apt release
  [[ -d $folder ]] && return
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mkdir -p "$apt"/{lists,archives}/partial "$apt/source"
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "${DEBIAN_MIRROR:-http://deb.debian.org/debian} $release main" >"$apt/sources.list"
  local options=(
    -qq
    -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt"
    -o "APT::Sandbox::User=$(id --user --name)"
  )
  apt-get "${options[@]}" update
  (cd "$apt/source" && apt-get "${options[@]}" --download-only source "$name")
  mkdir -p "$folder.partial"
  tar --extract --strip-components=1 --directory="$folder.partial" \
    --file="$(ls "$apt/source/${name}"_*.orig.tar.*z*)"
  mv "$folder.partial" "$folder"
}
