import type { Field, Module } from '../module.ts'
import { address, field, leadSource, lookup, picklist, shared } from './fields.ts'

/** A deal or a document speaks the language of its contact, keeps to the contact's hours, and needs the contact's consent. */
const roles = {
  language: 'Contact_Name.Language',
  zone: 'Contact_Name.Time_Zone',
  consent: 'Contact_Name.WhatsApp_Opt_In',
}

/** Whom a deal or a document is for: messages go to the contact's number, `$[Deals.Contact_Name.Mobile]`. */
const parties = {
  Contact_Name: lookup('連絡先名', 'Contact Name', 'Contacts'),
  Account_Name: lookup('取引先名', 'Account Name', 'Accounts'),
}

export const deals: Module = {
  kind: 'module',
  name: 'Deals',
  labels: { ja: '商談', en: 'Deals' },
  title: 'Deal_Name',
  ...roles,
  fields: {
    Deal_Name: field('text', '商談名', 'Deal Name', { required: true }),
    ...parties,
    Amount: field('currency', '総額', 'Amount'),
    Stage: picklist('ステージ', 'Stage', [
      'Qualification',
      'Needs Analysis',
      'Value Proposition',
      'Identify Decision Makers',
      'Proposal',
      'Proposal/Price Quote',
      'Negotiation/Review',
      'Won',
      'Closed Won',
      'Lost',
      'Closed Lost',
      'Closed Lost to Competition',
    ]),
    Probability: field('percent', '確度(%)', 'Probability (%)'),
    Expected_Revenue: field('currency', '期待収益', 'Expected Revenue'),
    Closing_Date: field('date', '完了予定日', 'Closing Date'),
    Type: picklist('種別', 'Type', ['Existing Business', 'New Business']),
    Next_Step: field('text', '次のステップ', 'Next Step'),
    Reason_For_Loss: field('text', '失注の理由', 'Reason For Loss'),
    Lead_Source: leadSource,
    ...shared,
  },
}

/** Fields of quotes, orders and invoices alike. Lines are JSON, as the CRM sends them. */
const document: Record<string, Field> = {
  Subject: field('text', '件名', 'Subject', { required: true }),
  ...parties,
  Currency: field('text', '通貨', 'Currency'),
  Sub_Total: field('currency', '小計', 'Sub Total'),
  Discount: field('currency', '割引', 'Discount'),
  Tax: field('currency', '税', 'Tax'),
  Adjustment: field('currency', '調整', 'Adjustment'),
  Grand_Total: field('currency', '総計', 'Grand Total'),
  Product_Details: field('json', '商品の詳細', 'Product Details'),
  Terms_and_Conditions: field('textarea', '契約条件', 'Terms and Conditions'),
  Carrier: picklist('運送業者', 'Carrier', [
    'Yamato',
    'Sagawa',
    'Japan Post',
    'FedEX',
    'UPS',
    'USPS',
    'DHL',
    'BlueDart',
  ]),
  ...address('Billing'),
  ...address('Shipping'),
  ...shared,
}

export const quotes: Module = {
  kind: 'module',
  name: 'Quotes',
  labels: { ja: '見積書', en: 'Quotes' },
  title: 'Subject',
  ...roles,
  fields: {
    Quote_Number: field('text', '見積書番号', 'Quote Number'),
    Quote_Stage: picklist('見積書のステージ', 'Quote Stage', [
      'Draft',
      'Negotiation',
      'Delivered',
      'On Hold',
      'Confirmed',
      'Closed Won',
      'Closed Lost',
    ]),
    Deal_Name: lookup('商談名', 'Deal Name', 'Deals'),
    Valid_Till: field('date', '有効期限', 'Valid Until'),
    Team: field('text', 'チーム', 'Team'),
    ...document,
  },
}

const orderStatus = ['Created', 'Approved', 'Delivered', 'Shipped', 'Cancelled']

export const salesOrders: Module = {
  kind: 'module',
  name: 'Sales_Orders',
  labels: { ja: '受注書', en: 'Sales Orders' },
  title: 'Subject',
  ...roles,
  fields: {
    SO_Number: field('text', '受注書番号', 'SO Number'),
    Status: picklist('ステータス', 'Status', orderStatus),
    Deal_Name: lookup('商談名', 'Deal Name', 'Deals'),
    Quote_Name: lookup('見積書名', 'Quote Name', 'Quotes'),
    Customer_No: field('text', '顧客番号', 'Customer No.'),
    Purchase_Order: field('text', '発注番号', 'Purchase Order'),
    Due_Date: field('date', '期日', 'Due Date'),
    Shipped_Date: field('date', '出荷日', 'Shipped Date'),
    Tracking_Number: field('text', '追跡番号', 'Tracking Number'),
    Pending: field('text', '保留', 'Pending'),
    ...document,
  },
}

export const purchaseOrders: Module = {
  kind: 'module',
  name: 'Purchase_Orders',
  labels: { ja: '発注書', en: 'Purchase Orders' },
  title: 'Subject',
  ...roles,
  fields: {
    PO_Number: field('text', '発注書番号', 'PO Number'),
    PO_Date: field('date', '発注日', 'PO Date'),
    Status: picklist('ステータス', 'Status', orderStatus),
    Vendor_Name: field('text', '仕入先名', 'Vendor Name'),
    Requisition_No: field('text', '購買依頼番号', 'Requisition Number'),
    Tracking_Number: field('text', '追跡番号', 'Tracking Number'),
    Due_Date: field('date', '期日', 'Due Date'),
    ...document,
  },
}

export const invoices: Module = {
  kind: 'module',
  name: 'Invoices',
  labels: { ja: '請求書', en: 'Invoices' },
  title: 'Subject',
  ...roles,
  fields: {
    Invoice_Number: field('text', '請求書番号', 'Invoice Number'),
    Invoice_Date: field('date', '請求日', 'Invoice Date'),
    Due_Date: field('date', '支払期日', 'Due Date'),
    Status: picklist('ステータス', 'Status', [
      'Created',
      'Approved',
      'Sent',
      'Delivered',
      'Overdue',
      'Paid',
      'Cancelled',
    ]),
    Sales_Order: lookup('受注書', 'Sales Order', 'Sales_Orders'),
    Deal_Name: lookup('商談名', 'Deal Name', 'Deals'),
    Purchase_Order: field('text', '発注番号', 'Purchase Order'),
    /** Where the customer's copy lies: what a document header sends. */
    Document_Link: field('url', '請求書ファイルのURL', 'Document Link'),
    ...document,
  },
}
