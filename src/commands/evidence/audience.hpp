// What of an entry only operators read. The log commits to whole envelopes, so where a predicate has such a
// member, everybody else gets neither envelope nor salt: the record, its proof, and the rest of the
// statement.
#pragma once

#include "core/base/json.hpp"
#include "core/http/route.hpp"

namespace signalbox::evidence_command {

enum class Audience { everybody, crew };  // crew: operators and whoever may do more
Audience audience_of(const http::Request& request);

// Takes out of an entry, as `GET /api/v1/evidence/entries/{i}` tells it, what its audience may not read;
// `hidden` then names the members.
Json as_told_to(Audience audience, Json entry);

}  // namespace signalbox::evidence_command
