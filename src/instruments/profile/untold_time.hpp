// Processor time that samples do not tell of.
#pragma once

#include <optional>

#include "core/report/report.hpp"
#include "instruments/profile/capture/session.hpp"

namespace signalbox::profile {

// What to do, in order: commands and why.
std::vector<std::string> remedies_of_untold_time();

// A finding where samples, lost ones too, stand for much less processor time than the kernel says that the
// target used. Each process is sampled by a clock of its own, so that one that lives for less than the time
// between two samples gives none, and a shell that starts many of them gives few. Nothing where samples leave
// time out that the kernel counts (that in the kernel, that of children), nor of the whole machine, whose
// processors have one clock each.
std::optional<Finding> untold_time(const Recording& recording);

}  // namespace signalbox::profile
