# Open JupyterLab at a notebook. JupyterLab's own security stays as it is: a token, and this machine only.
# Usage: [VENV=.venv] [PORT=8888] sh tools/lab.sh [notebooks/NAME.ipynb]

python="${VENV:-.venv}/bin/python"
set -- --ServerApp.root_dir=notebooks --LabApp.default_url="/lab${1:+/tree/${1#notebooks/}}" --log-level=WARN
if [ "$(id -u)" = 0 ]; then # JupyterLab refuses root unless it is told; in a container there is nobody else
    set -- "$@" --allow-root
fi
if [ "$(uname)" = Linux ] && [ -z "$DISPLAY$WAYLAND_DISPLAY$BROWSER" ]; then
    echo "No screen here: open the address below in a browser."
    set -- "$@" --no-browser
fi
if "$python" -c "import socket; socket.create_connection(('127.0.0.1', ${PORT:-8888}), 1)" 2>/dev/null; then
    if [ -n "$PORT" ]; then
        echo "Port $PORT is busy: take another one, as in 'make lab PORT=8890', or leave PORT out." >&2
        exit 1
    fi
    echo "Port 8888 is busy: taking the next free one."
fi
set -- "$@" ${PORT:+--port="$PORT" --ServerApp.port_retries=0}
exec "$python" -m jupyterlab "$@"
