#include "instruments/profile/instrument.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::profile::instrument().command, argc, argv);
}
