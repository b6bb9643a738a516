#include "advice.h"

const char *advice_text(const struct gsp_reply *reply)
{
    if (!reply->node_count) return NULL;
    switch (gsp_report_advice(reply)) {
    case GSP_ADVICE_BEGIN:
        return "gossipctl start --wait trains on the whole network with settings that need no tuning";
    case GSP_ADVICE_REACH:
        return "see that those nodes run and can be reached; the run goes on by itself. To give it up: gossipctl stop "
               "--now";
    case GSP_ADVICE_WORKER:
        return "see that its worker can run: what it says is in gossipd's log on this host; all goes on by itself when "
               "it "
               "does";
    case GSP_ADVICE_BEGIN_ANOTHER:
        return "this run has no result, as each node stopped where it was; gossipctl start begins another";
    case GSP_ADVICE_USE:
        return "gossipctl dump x --out model.npy saves the model; gossipctl start init=last goes on from it";
    case GSP_ADVICE_USE_IF_EVEN:
        return "gossipctl dump x --out model.npy saves the model; gossipctl start init=last goes on from it, if all "
               "nodes stopped after the same round";
    case GSP_ADVICE_MEND:
        return "mend what the reason names, then gossipctl start with settings to suit";
    case GSP_ADVICE_NONE:
        break;
    }
    return NULL;
}
