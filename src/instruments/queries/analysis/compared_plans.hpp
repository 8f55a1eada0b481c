// Which plans the statements of a comparison had on its two sides, as far as samples of them are kept.
#pragma once

#include "core/base/json.hpp"
#include "instruments/queries/analysis/regression.hpp"
#include "instruments/queries/kept/kept_plans.hpp"

namespace signalbox::queries {

// {FINGERPRINT: {"before_id", "after_id", "same"}}: the last sample up to the end of each span, a day old at
// most, since of a plan that stays a sample is kept seldom. Of the first hundred statements that are told.
Result<Json> compared_plans_json(store::Database& database, std::int64_t server, const Comparison& comparison,
                                 const Span& before, const Span& after);

}  // namespace signalbox::queries
