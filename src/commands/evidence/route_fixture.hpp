// What tests of routes share: the services of a server in a workspace of their own.
#pragma once

#include <memory>

#include "commands/evidence/command_fixture.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence_command {

class RouteTest : public CommandTest {
 protected:
  std::shared_ptr<Services> services() {
    const auto database = [this]() -> Result<store::Database*> {
      if (!database_) {
        SIGNALBOX_TRY(database_,
                      store::open_database("sqlite:" + (workspace_.state / "signalbox.db").string()));
      }
      return database_.get();
    };
    return std::make_shared<Services>(Services{workspace_, clock_, "", database, nullptr});
  }

 private:
  std::unique_ptr<store::Database> database_;
};

}  // namespace signalbox::evidence_command
