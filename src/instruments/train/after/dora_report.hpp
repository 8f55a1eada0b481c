// The delivery measures as people and programs read them.
#pragma once

#include "core/report/report.hpp"
#include "instruments/train/after/dora_reader.hpp"

namespace signalbox::train::after {

Report dora_report(const DoraSource& source, const DoraQuery& query);

}  // namespace signalbox::train::after
