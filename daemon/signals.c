#include "signals.h"

#include "daemon.h"

#include <signal.h>

static void on_signal(uv_signal_t *handle, int number)
{
    if (number == SIGHUP)
        reload_start(handle->data, GSP_NO_CLIENT);
    else
        daemon_stop(handle->data, number == SIGINT ? "SIGINT" : "SIGTERM");
}

static void catch (struct daemon *daemon, uv_signal_t *handle, int number)
{
    uv_signal_init(&daemon->loop, handle);
    handle->data = daemon;
    uv_signal_start(handle, on_signal, number);
    uv_unref((uv_handle_t *)handle); /* listening for signals alone is no reason to run */
}

void signals_open(struct daemon *daemon)
{
    /* A neighbour or a client that went away is an error of that write, not our end. */
    signal(SIGPIPE, SIG_IGN);
    /* Nor is a file that may not grow any further. */
    signal(SIGXFSZ, SIG_IGN);
    catch (daemon, &daemon->signals.interrupt, SIGINT);
    catch (daemon, &daemon->signals.terminate, SIGTERM);
    catch (daemon, &daemon->signals.hangup, SIGHUP);
}

static void ignore(uv_signal_t *handle, int number)
{
    uv_close((uv_handle_t *)handle, NULL);
    signal(number, SIG_IGN);
}

void signals_close(struct daemon *daemon)
{
    ignore(&daemon->signals.interrupt, SIGINT);
    ignore(&daemon->signals.terminate, SIGTERM);
    ignore(&daemon->signals.hangup, SIGHUP);
}
