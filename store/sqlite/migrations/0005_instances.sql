CREATE TABLE `broadcast` (
	`id` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL,
	`body` text NOT NULL,
	`revision` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `broadcastDefinition` ON `broadcast` (`definition`,`id`);--> statement-breakpoint
CREATE TABLE `broadcastRecord` (
	`broadcastId` text NOT NULL,
	`seq` integer NOT NULL,
	`recordId` text NOT NULL,
	PRIMARY KEY(`broadcastId`, `seq`)
);
--> statement-breakpoint
CREATE TABLE `instance` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`definition` text NOT NULL,
	`version` integer NOT NULL,
	`module` text NOT NULL,
	`recordId` text NOT NULL,
	`key` text NOT NULL,
	`status` text NOT NULL,
	`position` text NOT NULL,
	`visit` integer NOT NULL,
	`reason` text,
	`enteredAt` integer NOT NULL,
	`movedAt` integer NOT NULL,
	`endedAt` integer,
	`body` text NOT NULL,
	`addresses` text NOT NULL,
	`causedBy` text NOT NULL,
	`revision` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `instance_id_unique` ON `instance` (`id`);--> statement-breakpoint
CREATE INDEX `instanceRecord` ON `instance` (`module`,`recordId`,`status`);--> statement-breakpoint
CREATE INDEX `instanceDefinition` ON `instance` (`definition`,`id`);--> statement-breakpoint
CREATE INDEX `instanceRunning` ON `instance` (`definition`,`version`,`id`) WHERE status = 'running';--> statement-breakpoint
CREATE TABLE `instanceAddress` (
	`address` text NOT NULL,
	`instanceSeq` integer NOT NULL,
	PRIMARY KEY(`address`, `instanceSeq`)
);
--> statement-breakpoint
CREATE TABLE `instanceEntry` (
	`module` text NOT NULL,
	`recordId` text NOT NULL,
	`definition` text NOT NULL,
	`key` text NOT NULL,
	`count` integer NOT NULL,
	`lastEnteredAt` integer NOT NULL,
	`lastEndedAt` integer,
	PRIMARY KEY(`module`, `recordId`, `definition`, `key`)
);
--> statement-breakpoint
CREATE TABLE `instancePass` (
	`definition` text NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`via` text NOT NULL,
	`count` integer NOT NULL,
	`totalMs` integer NOT NULL,
	PRIMARY KEY(`definition`, `from`, `to`, `via`)
);
--> statement-breakpoint
CREATE TABLE `instanceStanding` (
	`definition` text NOT NULL,
	`version` integer NOT NULL,
	`position` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`definition`, `version`, `position`)
);
--> statement-breakpoint
CREATE TABLE `instanceStep` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`instanceSeq` integer NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`from` text,
	`to` text,
	`via` text NOT NULL,
	`by` text NOT NULL,
	`tookMs` integer NOT NULL,
	`data` text
);
--> statement-breakpoint
CREATE INDEX `instanceStepInstance` ON `instanceStep` (`instanceSeq`);--> statement-breakpoint
CREATE TABLE `pausedDefinition` (
	`definition` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`by` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `outbox` ADD `instanceId` text;--> statement-breakpoint
ALTER TABLE `outbox` ADD `form` text;--> statement-breakpoint
CREATE INDEX `outboxJourney` ON `outbox` (`contactId`,`claimedAt`) WHERE instanceId IS NOT NULL;--> statement-breakpoint
ALTER TABLE `timer` ADD `kind` text DEFAULT 'later' NOT NULL;--> statement-breakpoint
ALTER TABLE `timer` ADD `instanceId` text;--> statement-breakpoint
CREATE INDEX `timerInstance` ON `timer` (`instanceId`,`state`) WHERE instanceId IS NOT NULL;--> statement-breakpoint
CREATE INDEX `timerDefinition` ON `timer` (`definition`,`kind`) WHERE state IN ('waiting', 'paused');--> statement-breakpoint
UPDATE `outbox` SET `form` = 'template' WHERE `kind` = 'sendTemplate' AND `claimedAt` IS NOT NULL;--> statement-breakpoint
UPDATE `timer` SET `timer` = json_set(`timer`, '$.kind', 'later');--> statement-breakpoint
UPDATE `inbox` SET `event` = json_set(`event`, '$.timer.kind', 'later') WHERE `source` = 'denrei:timer';
