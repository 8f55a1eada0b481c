// What the evaluator and each of its evaluations are kept from: everything but computing. Linux seccomp
// filters made once, before anything outside is read.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <linux/filter.h>

namespace signalbox::gates {

using Filter = std::vector<sock_filter>;

// The evaluator itself: reads, writes, forks and kills its own. No files, no network, no other programs.
std::optional<Filter> evaluator_filter();
// One evaluation: computes and writes. Opening a file (the time zone of jq's date functions) finds nothing;
// every other call kills it.
std::optional<Filter> evaluation_filter();

// Core dumps, new files and new descriptors none; 256 MiB of address space beyond the bytes in use; one
// second of processor time; killed with its parent. Called in the child.
bool limit_evaluation(std::size_t bytes_in_use);
// No new privileges, then the filter. False where the kernel refuses: nothing may be evaluated then.
bool enter(const Filter& filter);

}  // namespace signalbox::gates
