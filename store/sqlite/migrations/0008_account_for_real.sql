CREATE TABLE `accountState` (
	`id` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `document` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `purchase` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`body` text NOT NULL,
	`createdAt` integer NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `purchaseState` ON `purchase` (`state`,`id`);--> statement-breakpoint
CREATE TABLE `secret` (
	`name` text PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `spending` (
	`day` text NOT NULL,
	`template` text NOT NULL,
	`definition` text NOT NULL,
	`market` text NOT NULL,
	`category` text NOT NULL,
	`numberId` text NOT NULL,
	`charged` integer NOT NULL,
	`free` integer NOT NULL,
	`micros` integer NOT NULL,
	PRIMARY KEY(`day`, `template`, `definition`, `market`, `category`, `numberId`)
);
--> statement-breakpoint
CREATE TABLE `consentEntry` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`contactId` text NOT NULL,
	`at` integer NOT NULL,
	`direction` text NOT NULL,
	`scope` text NOT NULL,
	`by` text NOT NULL,
	`channel` text,
	`proof` text,
	`actor` text
);
--> statement-breakpoint
CREATE INDEX `consentEntryContact` ON `consentEntry` (`contactId`);--> statement-breakpoint
CREATE TABLE `suppressed` (
	`hash` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `numberState` ADD `nameStatus` text;--> statement-breakpoint
ALTER TABLE `numberState` ADD `platform` text;--> statement-breakpoint
ALTER TABLE `numberState` ADD `intake` text;--> statement-breakpoint
ALTER TABLE `numberState` ADD `troubles` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `templateState` ADD `definition` text;--> statement-breakpoint
ALTER TABLE `templateState` ADD `definitionVersion` integer;--> statement-breakpoint
ALTER TABLE `templateState` ADD `pausedUntil` integer;--> statement-breakpoint
ALTER TABLE `templateState` ADD `agreedCategory` text;--> statement-breakpoint
ALTER TABLE `templateState` ADD `nextCategory` text;--> statement-breakpoint
ALTER TABLE `templateState` ADD `checkedAt` integer;--> statement-breakpoint
ALTER TABLE `notification` ADD `notice` text;--> statement-breakpoint
ALTER TABLE `contact` ADD `cappedUntil` integer;--> statement-breakpoint
ALTER TABLE `contact` ADD `unreachable` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `contact` ADD `unreachableAt` integer;--> statement-breakpoint
ALTER TABLE `conversation` ADD `freeUntil` integer;