#!/bin/bash
# Virtual environments of the peers: environments.sh FOLDER PYTHON. What is there already stays; what cannot be installed
# leaves NAME.failed with the last line of pip.
set -u
folder=$1 python=$2
mkdir -p "$folder"

environment() {
	local name=$1
	shift
	[ -e "$folder/$name/.done" ] && return
	rm -rf "${folder:?}/$name" "$folder/$name.failed"
	echo "Installing $name into $folder"
	if "$python" -m venv --without-pip "$folder/$name" >/dev/null 2>&1 &&
		"$python" -m pip --disable-pip-version-check --quiet --python "$folder/$name/bin/python" \
			install --only-binary :all: "$@" >"$folder/$name.log" 2>&1; then
		touch "$folder/$name/.done"
	else
		{ grep -v WARNING "$folder/$name.log" || true; } | tail -n 1 >"$folder/$name.failed"
	fi
}

environment vectorbt --constraint constraints.txt vectorbt==1.2.0 vectorbt-rust==1.2.0
environment raptorbt raptorbt==0.13.4 numpy==2.4.6
environment backtesting backtesting==0.6.6
environment bt bt==1.4.1
environment backtrader backtrader==1.9.78.123 numpy==2.4.6
environment zipline zipline-reloaded==3.2.1
environment eventstudy eventstudy==0.1a12 numpy==2.4.6 pandas==3.1.1 statsmodels==0.15.0
