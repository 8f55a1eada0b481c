// Reads whole histories into a table of commits, on several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/git/commit_table.hpp"
#include "core/git/object_store.hpp"

namespace signalbox::git {

// Appends to `out` what the table keeps of a commit. Called from several threads.
using TextOfCommit = std::function<void(const CommitObject& commit, std::string& out)>;

// Told now and then, in the thread that asked, how many commits were read.
using OnCommitsRead = std::function<void(std::uint64_t read)>;

// Adds to `table` what `tips` reach and it lacks. unavailable where an object is missing, bad_input where
// there are more than 20 million commits or a tip is none. Where there are several tips, several threads
// read.
Status read_history(const ObjectStore& store, const std::vector<ObjectId>& tips, const TextOfCommit& text_of,
                    CommitTable& table, const OnCommitsRead& on_commits_read = {});

}  // namespace signalbox::git
