// What `record` says when it is done.
#pragma once

#include "core/cli/command.hpp"
#include "instruments/profile/artifacts.hpp"
#include "instruments/profile/capture/annotations.hpp"
#include "instruments/profile/capture/session.hpp"

namespace signalbox::profile {

// The rate that samples were taken at in the end, and the one that was asked for where that is another.
Annotations annotations_of_rate(const RecordRequest& request, const Recording& recording);
// Samples, lost and truncated ones, processor time by samples and by the kernel's own account, what it cost.
Annotations annotations_of_quality(const Recording& recording);

// Where the time goes (the ten functions that take most), how sure that is, what it cost, and where the files
// are.
Report record_report(const Profile& profile, const Recording& recording, const Written& written);

// Not one sample: why, and what to run instead. Verdict fail.
Report nothing_captured(const RecordRequest& request, const Recording& recording);

}  // namespace signalbox::profile
