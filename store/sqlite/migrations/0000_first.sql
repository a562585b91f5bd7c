CREATE TABLE `contact` (
	`id` text PRIMARY KEY NOT NULL,
	`phone` text,
	`waId` text,
	`bsuid` text,
	`name` text,
	`optedOutMarketingAt` integer,
	`optedOutAllAt` integer,
	`optedInAt` integer,
	`consentBy` text,
	`revision` integer NOT NULL,
	`mergedInto` text
);
--> statement-breakpoint
CREATE TABLE `contactAddress` (
	`address` text PRIMARY KEY NOT NULL,
	`contactId` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `contactAddressContact` ON `contactAddress` (`contactId`);--> statement-breakpoint
CREATE TABLE `conversation` (
	`contactId` text NOT NULL,
	`numberId` text NOT NULL,
	`lastInboundAt` integer,
	`lastOutboundAt` integer,
	PRIMARY KEY(`contactId`, `numberId`)
);
--> statement-breakpoint
CREATE TABLE `counter` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `definitionVersion` (
	`key` text NOT NULL,
	`version` integer NOT NULL,
	`active` integer NOT NULL,
	`definition` text NOT NULL,
	`hash` text NOT NULL,
	`createdAt` integer NOT NULL,
	`createdBy` text NOT NULL,
	PRIMARY KEY(`key`, `version`)
);
--> statement-breakpoint
CREATE TABLE `inboundMessage` (
	`id` text PRIMARY KEY NOT NULL,
	`numberId` text NOT NULL,
	`contactId` text NOT NULL,
	`type` text NOT NULL,
	`text` text,
	`raw` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `inboundMessageContact` ON `inboundMessage` (`contactId`,`at`);--> statement-breakpoint
CREATE TABLE `inbox` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`source` text NOT NULL,
	`sourceId` text NOT NULL,
	`event` text NOT NULL,
	`acceptedAt` integer NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`retryAt` integer DEFAULT 0 NOT NULL,
	`error` text,
	`decidedAt` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inbox_id_unique` ON `inbox` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `inboxSource` ON `inbox` (`source`,`sourceId`);--> statement-breakpoint
CREATE INDEX `inboxPending` ON `inbox` (`seq`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `inboxQuarantined` ON `inbox` (`seq`) WHERE state = 'quarantined';--> statement-breakpoint
CREATE TABLE `kept` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`field` text NOT NULL,
	`value` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `keptField` ON `kept` (`field`);--> statement-breakpoint
CREATE TABLE `laneLease` (
	`lane` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `ledgerBalance` (
	`account` text PRIMARY KEY NOT NULL,
	`amountMicros` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `ledgerPosting` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`txId` text NOT NULL,
	`account` text NOT NULL,
	`amountMicros` integer NOT NULL,
	`messageId` text,
	`memo` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ledgerPostingTx` ON `ledgerPosting` (`txId`,`account`);--> statement-breakpoint
CREATE TABLE `messageStep` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`messageId` text NOT NULL,
	`at` integer NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`detail` text,
	`guards` text
);
--> statement-breakpoint
CREATE INDEX `messageStepMessage` ON `messageStep` (`messageId`);--> statement-breakpoint
CREATE TABLE `notification` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`to` text NOT NULL,
	`message` text NOT NULL,
	`module` text NOT NULL,
	`recordId` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `numberState` (
	`id` text PRIMARY KEY NOT NULL,
	`accountId` text NOT NULL,
	`displayNumber` text NOT NULL,
	`nickname` text,
	`verifiedName` text,
	`status` text NOT NULL,
	`verified` integer NOT NULL,
	`quality` text NOT NULL,
	`throughput` integer NOT NULL,
	`reachMax` integer,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`lane` text NOT NULL,
	`definition` text NOT NULL,
	`module` text NOT NULL,
	`recordId` text NOT NULL,
	`template` text NOT NULL,
	`language` text NOT NULL,
	`intent` text NOT NULL,
	`contactId` text,
	`state` text NOT NULL,
	`reason` text,
	`detail` text,
	`dueAt` integer NOT NULL,
	`waitsFor` text,
	`attempts` integer NOT NULL,
	`fence` integer NOT NULL,
	`leasedUntil` integer,
	`wamid` text,
	`priceMicros` integer NOT NULL,
	`market` text,
	`category` text,
	`holdState` text NOT NULL,
	`revision` integer NOT NULL,
	`createdAt` integer NOT NULL,
	`claimedAt` integer,
	`acceptedAt` integer,
	`sentAt` integer,
	`deliveredAt` integer,
	`readAt` integer,
	`failedAt` integer
);
--> statement-breakpoint
CREATE INDEX `outboxDue` ON `outbox` (`lane`,`dueAt`,`id`) WHERE state IN ('queued', 'held');--> statement-breakpoint
CREATE INDEX `outboxSending` ON `outbox` (`leasedUntil`) WHERE state = 'sending';--> statement-breakpoint
CREATE INDEX `outboxUnknown` ON `outbox` (`dueAt`) WHERE state = 'unknown';--> statement-breakpoint
CREATE INDEX `outboxWaiting` ON `outbox` (`waitsFor`) WHERE state = 'held' AND waitsFor IS NOT NULL;--> statement-breakpoint
CREATE INDEX `outboxUnusual` ON `outbox` (`state`,`id`) WHERE state IN ('held', 'unknown', 'blocked', 'failed', 'gave_up');--> statement-breakpoint
CREATE INDEX `outboxWamid` ON `outbox` (`wamid`) WHERE wamid IS NOT NULL;--> statement-breakpoint
CREATE INDEX `outboxRecord` ON `outbox` (`module`,`recordId`);--> statement-breakpoint
CREATE INDEX `outboxContact` ON `outbox` (`contactId`);--> statement-breakpoint
CREATE INDEX `outboxMarketing` ON `outbox` (`contactId`,`claimedAt`) WHERE category = 'MARKETING';--> statement-breakpoint
CREATE TABLE `parkedStatus` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`wamid` text NOT NULL,
	`event` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `parkedStatusWamid` ON `parkedStatus` (`wamid`);--> statement-breakpoint
CREATE INDEX `parkedStatusAt` ON `parkedStatus` (`at`);--> statement-breakpoint
CREATE TABLE `reach` (
	`who` text PRIMARY KEY NOT NULL,
	`lastAt` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `reachLast` ON `reach` (`lastAt`);--> statement-breakpoint
CREATE TABLE `record` (
	`module` text NOT NULL,
	`id` text NOT NULL,
	`values` text NOT NULL,
	`revision` integer NOT NULL,
	`createdAt` integer NOT NULL,
	`updatedAt` integer NOT NULL,
	`deleted` integer NOT NULL,
	PRIMARY KEY(`module`, `id`)
);
--> statement-breakpoint
CREATE TABLE `recordAddress` (
	`address` text NOT NULL,
	`module` text NOT NULL,
	`recordId` text NOT NULL,
	PRIMARY KEY(`address`, `module`, `recordId`)
);
--> statement-breakpoint
CREATE INDEX `recordAddressRecord` ON `recordAddress` (`module`,`recordId`);--> statement-breakpoint
CREATE TABLE `ruleRun` (
	`module` text NOT NULL,
	`recordId` text NOT NULL,
	`rule` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`module`, `recordId`, `rule`)
);
--> statement-breakpoint
CREATE TABLE `setting` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tally` (
	`name` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `templateState` (
	`name` text NOT NULL,
	`language` text NOT NULL,
	`accountId` text NOT NULL,
	`metaId` text,
	`status` text NOT NULL,
	`category` text NOT NULL,
	`quality` text,
	`reason` text,
	`submittedHash` text,
	`updatedAt` integer NOT NULL,
	PRIMARY KEY(`name`, `language`)
);
--> statement-breakpoint
CREATE TABLE `timer` (
	`id` text PRIMARY KEY NOT NULL,
	`dueAt` integer NOT NULL,
	`definition` text NOT NULL,
	`module` text NOT NULL,
	`recordId` text NOT NULL,
	`timer` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`endedAt` integer
);
--> statement-breakpoint
CREATE INDEX `timerDue` ON `timer` (`dueAt`,`id`) WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX `timerRecord` ON `timer` (`module`,`recordId`);--> statement-breakpoint
CREATE TABLE `trace` (
	`inboxSeq` integer PRIMARY KEY NOT NULL,
	`body` text NOT NULL
);
