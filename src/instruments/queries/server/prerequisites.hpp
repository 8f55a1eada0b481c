// What a server needs so that its queries can be told of, and what is missing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/report/report.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries {

// What was asked of a server, before it is judged.
struct ServerFacts {
  int version = 0;  // 150018
  std::string user;
  std::string database;
  bool sees_everything = false;  // pg_read_all_stats: the statements and texts of other users
  std::map<std::string, std::string, std::less<>> settings;  // pg_settings.setting, in its own unit
  std::string statements_version;       // of the extension in this database; empty: not made
  std::string statements_newest;        // that the server has files of; empty: the package is not installed
  std::int64_t statements_dropped = 0;  // pg_stat_statements_info.dealloc
};

struct Prerequisite {
  std::string name;
  Verdict verdict = Verdict::none;  // fail: without it there is no answer; warn: a poorer one
  std::string found;
  std::string fix;       // SQL, or a line for postgresql.conf; empty where nothing is to be done
  bool restart = false;  // the fix needs a restart of the server
};

Result<ServerFacts> read_facts(ServerLink& link);
std::vector<Prerequisite> judge(const ServerFacts& facts);

Report doctor_report(const ServerIdentity& server, const std::vector<Prerequisite>& all);
// All fixes as a script for psql; those after which the server is restarted come last and say so.
std::string fix_script(const std::vector<Prerequisite>& all);

}  // namespace signalbox::queries
