import type { Field, Module } from '../module.ts'
import { field, lookup, picklist, shared } from './fields.ts'

/** Who and what an activity is about. `What_Id` is a record's id; its module stands in `$se_module`, which is no field. */
const related: Record<string, Field> = {
  Who_Id: lookup('連絡先名', 'Contact Name', 'Contacts'),
  What_Id: field('text', '関連先', 'Related To'),
}

export const tasks: Module = {
  kind: 'module',
  name: 'Tasks',
  labels: { ja: 'タスク', en: 'Tasks' },
  title: 'Subject',
  fields: {
    Subject: field('text', '件名', 'Subject', { required: true }),
    Due_Date: field('date', '期日', 'Due Date'),
    Status: picklist('ステータス', 'Status', [
      'Not Started',
      'Deferred',
      'In Progress',
      'Completed',
      'Waiting for Input',
    ]),
    Priority: picklist('優先度', 'Priority', ['Highest', 'High', 'Normal', 'Low', 'Lowest']),
    Closed_Time: field('datetime', '完了日時', 'Closed Time'),
    Send_Notification_Email: field('boolean', '通知メールを送信する', 'Send Notification Email'),
    ...related,
    ...shared,
  },
}

export const events: Module = {
  kind: 'module',
  name: 'Events',
  labels: { ja: '予定', en: 'Events' },
  title: 'Event_Title',
  fields: {
    Event_Title: field('text', 'タイトル', 'Title', { required: true }),
    Start_DateTime: field('datetime', '開始', 'From'),
    End_DateTime: field('datetime', '終了', 'To'),
    All_day: field('boolean', '終日', 'All Day'),
    Venue: field('text', '場所', 'Location'),
    Participants: field('json', '参加者', 'Participants'),
    ...related,
    ...shared,
  },
}

export const calls: Module = {
  kind: 'module',
  name: 'Calls',
  labels: { ja: '通話', en: 'Calls' },
  title: 'Subject',
  fields: {
    Subject: field('text', '件名', 'Subject', { required: true }),
    Call_Type: picklist('通話の種別', 'Call Type', ['Outbound', 'Inbound', 'Missed']),
    Call_Purpose: picklist('通話の目的', 'Call Purpose', [
      'Prospecting',
      'Administrative',
      'Negotiation',
      'Demo',
      'Project',
      'Desk',
    ]),
    Call_Start_Time: field('datetime', '通話の開始日時', 'Call Start Time'),
    Call_Duration: field('text', '通話時間', 'Call Duration'),
    Call_Result: field('text', '通話の結果', 'Call Result'),
    ...related,
    ...shared,
  },
}
