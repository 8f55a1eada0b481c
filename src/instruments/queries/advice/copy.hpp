// A copy of a watched database, on which remedies are tried. Nothing that is tried stays.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/store/database.hpp"
#include "instruments/queries/plans/plan.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries {

// A statement that the server knows by name.
struct PreparedStatement {
  std::string name;
  std::vector<std::string> types;  // of its parameters, $1 first
};

class Copy {
 public:
  // `dsn`: of the copy; its user makes indexes there. Errors: those of ServerLink::open.
  static Result<Copy> open(std::string_view dsn);

  ServerLink& link() { return link_; }
  Result<std::vector<store::Row>> query(std::string_view sql,
                                        const std::vector<store::Value>& parameters = {});
  Status run(std::string_view sql);

  // One statement with $1, $2 …; bad_input where the server does not take it, or it is several.
  Result<PreparedStatement> prepare(std::string_view sql);
  enum class Values { any, these };
  // any: as it is planned whatever the values are, not executed. these: executed and measured; `values` are
  // SQL.
  Result<Plan> explain(const PreparedStatement& statement, Values which,
                       const std::vector<std::string>& values);
  // Does `work` in a transaction that is rolled back, whatever comes of it.
  Status try_out(const std::function<Status()>& work);
  // The same within one: what was done before stays.
  Status try_within(const std::function<Status()>& work);

 private:
  Copy(ServerLink link, std::unique_ptr<store::Database> database)
      : link_(std::move(link)), database_(std::move(database)) {}

  ServerLink link_;
  std::unique_ptr<store::Database> database_;
  int prepared_ = 0;
};

}  // namespace signalbox::queries
