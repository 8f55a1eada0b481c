/* What the program in the kernel and the profiler share: plain C, the same octets on both sides. */
#pragma once

#include <linux/types.h>

#define SB_MAX_REGIONS 512       /* of executable memory of one process; a power of two */
#define SB_REGION_STEPS 10       /* halvings that find one of them */
#define SB_MAX_FRAMES 512        /* of a stack, those of the kernel among them; a power of two */
#define SB_MAX_KERNEL_FRAMES 64
#define SB_MAX_USER_FRAMES (SB_MAX_FRAMES - SB_MAX_KERNEL_FRAMES)
#define SB_MAX_PYTHON_FRAMES 256
#define SB_MAX_WORDS 1024        /* of a sample: its frames, and two for each frame of Python; a power of two */
#define SB_PYTHON_BY_C (1ull << 63)
#define SB_ROWS_IN_BLOCK 1024
#define SB_ROW_STEPS 13          /* halvings that find a row of a page of 4 KiB: at most 4,096 of them */
#define SB_PAGE_SHIFT 12
#define SB_NO_TABLE 0xffffffffu
#define SB_MAX_RULES 65536

/* Executable memory of a process. vaddr = address + bias, in the numbers of the code object. */
struct sb_region {
  __u64 start;
  __u64 limit;
  __u64 bias;
  __u32 code;  /* number of the code object */
  __u32 table; /* number of its table; SB_NO_TABLE: frames are found by frame pointers */
};

/* The executable memory of one process, by address. */
struct sb_process {
  __u32 count;
  __u32 unused;
  struct sb_region regions[SB_MAX_REGIONS];
};

/* The rows of one code object: page p of 4 KiB has those from pages[first_page + p] up to pages[first_page + p + 1]. */
struct sb_table {
  __u64 base; /* vaddr of page 0 */
  __u32 first_page;
  __u32 page_count;
};

/* A row: from this address on, rule `row >> 16` holds. The low half is the address within 64 KiB. */
typedef __u32 sb_row;

struct sb_row_block {
  sb_row rows[SB_ROWS_IN_BLOCK];
};

/* As UnwindRule::Kind of elf/unwind_table.hpp. */
enum sb_rule_kind {
  SB_RULE_UNKNOWN = 0, /* not to be unwound here: the whole sample goes to the profiler */
  SB_RULE_BOTTOM = 1,
  SB_RULE_SP = 2,        /* the frame lies at sp + cfa_offset */
  SB_RULE_FP = 3,        /* at fp + cfa_offset */
  SB_RULE_PLT = 4,       /* at sp + 8, and 8 more where (ip & 15) >= cfa_offset */
  SB_RULE_FP_POINTS = 5, /* at what lies at fp + cfa_offset; the caller's fp lies at fp */
  SB_RULE_SIGNAL = 6     /* the registers of what was interrupted lie above sp */
};

struct sb_rule {
  __u8 kind; /* enum sb_rule_kind */
  __u8 unused;
  __s16 fp_offset; /* where the caller's frame pointer lies, from the frame; 0: it did not change */
  __s32 cfa_offset;
};

/* What a record of the ring is. */
enum sb_kind {
  SB_SAMPLE = 0,
  SB_FRAMES = 1, /* a struct sb_sample, too, but of a stack that a wait will name */
  SB_WAIT = 2,
  SB_ENDED = 3
};

/* How one sees which frames of Python C called: PythonEntry of runtimes/python_layout.hpp. */
enum sb_python_entry { SB_PYTHON_EACH = 0, SB_PYTHON_MARKED = 1, SB_PYTHON_BY_OWNER = 2 };

/* Where the CPython of a process keeps what is read: offsets, as PythonLayout has them. */
struct sb_python {
  __u32 entry; /* enum sb_python_entry */
  __u32 has_c_frame; /* a thread's innermost frame is found through its C frame */
  __u32 thread_frame;
  __u32 thread_id;
  __u32 c_frame_current;
  __u32 frame_previous;
  __u32 frame_code;
  __u32 frame_instruction;
  __u32 frame_entry;
  __u32 unused;
};

/* Where the state of a thread lies, and the id that it says there. */
struct sb_python_thread {
  __u64 state;
  __u64 id;
  __u32 tgid;
  __u32 unused;
};

/* What is known of a sample's frames of Python. */
enum sb_python_state {
  SB_PYTHON_NONE = 0,
  SB_PYTHON_READ = 1,
  SB_PYTHON_CUT = 2,    /* outer ones are missing */
  SB_PYTHON_MISSED = 3, /* where the thread's state lies is not known */
};

/* A sample, as it comes through the ring. The stack's frames come with it when they were not sent before. */
struct sb_sample {
  __u64 time_ns; /* CLOCK_MONOTONIC */
  __u64 stack;   /* hash of its frames */
  __u32 pid;
  __u32 tid;
  __u16 kernel_frames; /* in `frames`, leaf first; both 0: this stack is known */
  __u16 user_frames;   /* behind them, leaf first: code << 48 | vaddr */
  __u32 kind; /* enum sb_kind, at the same place in every record */
  __u16 python_words;  /* behind those, innermost frame first: its code (and SB_PYTHON_BY_C where C called it), its instruction */
  __u16 python_state;  /* enum sb_python_state; also where the stack is known */
  __u32 python_begin;  /* number of the first of them in `frames` */
  __u64 frames[SB_MAX_WORDS];
};

#define SB_NAME_BYTES 16 /* of a thread's name */
#define SB_MAX_THREADS 32768

/* Who ended a wait. */
struct sb_waker {
  __u64 stack; /* hash of its frames; 0: not known */
  __u32 pid;   /* of the thread that ran then; 0: the processor was idle */
  __u32 tid;
  __u32 is_truncated; /* its stack was not walked to the bottom */
  __u32 unused;
  char name[SB_NAME_BYTES];
};

/* What a thread does. */
enum sb_mode {
  SB_HELD = 0,   /* it is not to be told of before its next exec */
  SB_UNSEEN = 1, /* it was there when the recording began, and did not change since */
  SB_NEW = 2,    /* it never ran */
  SB_ON = 3,
  SB_OFF = 4,
  SB_GONE = 5 /* it ended, and the ring had no room to say so */
};

/* States of a thread that waits: those of task_struct.__state, and one for threads that could run. */
#define SB_STATE_RUNNABLE 0
#define SB_STATE_INTERRUPTIBLE 1
#define SB_STATE_UNINTERRUPTIBLE 2

/* A thread that is told of: what it does, and how its time went. */
struct sb_timeline {
  __u64 start_ns; /* CLOCK_MONOTONIC: from then on it is told of */
  __u64 since_ns; /* it does what `mode` says */
  __u64 off_ns;   /* all its waits that ended */
  __u64 short_ns; /* those of them that were too short to be told of */
  __u64 short_count;
  __u64 lost_ns; /* those that the ring had no room for */
  __u64 lost_count;
  __u64 stack; /* of this wait: hash of its frames; 0: the profiler got a copy of the stack, or nobody knows it */
  __u32 pid;
  __u32 mode; /* enum sb_mode */
  __u32 state;
  __u32 unused;
  struct sb_waker waker;
};

/* A wait that ended. */
struct sb_wait {
  __u64 time_ns; /* it began */
  __u64 stack;
  __u32 pid;
  __u32 tid;
  __u32 mode; /* before: SB_OFF; SB_NEW, SB_UNSEEN: there is no stack */
  __u32 kind;
  __u64 waited_ns;
  __u32 state;
  __u32 has_waker;
  struct sb_waker waker;
};

/* A thread that ended. */
struct sb_ended {
  __u64 time_ns;
  __u64 unused;
  __u32 pid;
  __u32 tid;
  __u32 none;
  __u32 kind;
  struct sb_timeline timeline;
};

struct sb_settings {
  __u64 min_wait_ns; /* shorter ones are added up, and not told of one by one */
  __u32 follows_children; /* processes; threads always are */
  __u32 unused;
};

/* What happened, by processor. */
struct sb_counters {
  __u64 samples;    /* unwound in the kernel */
  __u64 handed_up;  /* left to the profiler, with a copy of the stack */
  __u64 ring_full;  /* lost */
  __u64 frames;
  __u64 untold;     /* threads that there was no room for */
};
